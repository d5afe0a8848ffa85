// Where the ambient transaction lives: the namespace Sequelize asks for (its CLS hook), over AsyncLocalStorage.
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<Map<string, unknown>>();

export const transactionScope = {
  run: <T>(callback: (scope: Map<string, unknown>) => T): T => {
    const scope = new Map(storage.getStore());
    return storage.run(scope, () => callback(scope));
  },
  bind: <F extends (...args: never[]) => unknown>(callback: F): F => AsyncLocalStorage.bind(callback),
  get: (key: string): unknown => storage.getStore()?.get(key),
  set: (key: string, value: unknown): void => void storage.getStore()?.set(key, value),
};
