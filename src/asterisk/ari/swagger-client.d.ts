/** What ari-client makes its requests with; only the part that http.ts replaces. */
declare module 'swagger-client' {
  export interface SwaggerCall {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly on: {
      /** `obj` is what is read of an API document, `data` of everything else. */
      response(reply: { readonly data: string; readonly obj?: unknown }): unknown;
      error(error: unknown): unknown;
    };
  }
  const swagger: { readonly SwaggerHttp: { readonly prototype: { execute(call: SwaggerCall): unknown } } };
  export default swagger;
}
