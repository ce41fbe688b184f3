const MOST = 500;

/** The ids of the commands that this client made of late, by which it knows the events that it caused itself. */
export class Echoes {
  readonly #ids = new Set<string>();

  note(id: string): void {
    this.#ids.add(id);
    // The first of a set is its oldest.
    if (this.#ids.size > MOST) for (const oldest of this.#ids) return void this.#ids.delete(oldest);
  }

  has(id: string | undefined): boolean {
    return id !== undefined && this.#ids.has(id);
  }
}
