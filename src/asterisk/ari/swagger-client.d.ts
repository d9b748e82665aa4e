/** What ari-client makes its requests with; only the parts that src/asterisk/ariClient.ts replaces. */
declare module 'swagger-client' {
  interface SwaggerReply {
    readonly status: number;
    readonly statusText: string;
    readonly data: string;
    readonly obj?: unknown;
  }
  export interface SwaggerCall {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly on: { response(reply: SwaggerReply): unknown; error(reply: SwaggerReply): unknown };
  }
  const swagger: {
    readonly SwaggerApi: { readonly prototype: { fail(message: string): void; failure(message: string): void } };
    readonly SwaggerHttp: { readonly prototype: { execute(call: SwaggerCall): unknown } };
  };
  export default swagger;
}
