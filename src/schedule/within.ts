/** The promise, but rejecting with `late` when it takes longer than the limit, in milliseconds. */
export function within<T>(promise: Promise<T>, limit: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), limit);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
