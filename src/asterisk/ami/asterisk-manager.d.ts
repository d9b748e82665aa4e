/** The parts of asterisk-manager that connection.ts uses; the package has no types. */
declare module 'asterisk-manager' {
  /** Header names in lower case; a header that came several times is an array. */
  export type Message = Readonly<Record<string, string | readonly string[] | undefined>>;
  export interface ManagerClient {
    on(event: 'rawevent', listener: (message: Message) => void): void;
    on(event: 'close' | 'connect', listener: () => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    removeAllListeners(event: string): void;
    connect(port: number, host: string, callback: () => void): void;
    login(callback: (error?: unknown) => void): void;
    action(fields: Record<string, string>, callback?: (error: unknown, response: Message) => void): string;
    disconnect(): void;
  }
  function createManager(
    port: undefined,
    host: undefined,
    user: string,
    password: string,
    events: boolean,
  ): ManagerClient;
  export default createManager;
}
