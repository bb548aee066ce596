// A moment that is waited for: shut until it is opened, and open ever after.
export class Gate {
  open!: () => void;
  readonly passed = new Promise<void>((resolve) => (this.open = resolve));
}
