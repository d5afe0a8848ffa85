// What was typed cannot be run: exit code 2.

export class UsageError extends Error {
  /** `mandate user create`, to point at its help. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.name = 'UsageError';
    this.command = command;
  }
}
