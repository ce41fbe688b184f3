/** A formula that was read: what it is made of, so that nothing is ever run as a program. */
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'metric'; readonly key: string }
  | { readonly kind: 'negative'; readonly of: Formula }
  | {
      readonly kind: 'binary';
      readonly operator: '+' | '-' | '*' | '/';
      readonly left: Formula;
      readonly right: Formula;
    }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Formula[] };

const functions = {
  abs: { fewest: 1, most: 1 },
  round: { fewest: 1, most: 2 },
  min: { fewest: 1, most: 10 },
  max: { fewest: 1, most: 10 },
  coalesce: { fewest: 2, most: 10 },
} as const;
type FunctionName = keyof typeof functions;

const MOST_CHARACTERS = 500;
const DEEPEST = 32;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|\{([a-z][a-z0-9.-]*)\}|([a-z][a-z0-9_.]*)|([-+*/(),]))/y;

/** What is wrong with a formula, and where. */
export class FormulaError extends Error {
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
    this.name = 'FormulaError';
  }
}

interface Token {
  readonly kind: 'number' | 'name' | 'key' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/**
 * Reads `{sales.amount} / max(1, visits)`: numbers, keys of metrics (in braces where they hold a dash), + − × ÷, brackets
 * and a few functions.
 * @throws FormulaError
 */
export function parseFormula(text: string): Formula {
  if (text.length > MOST_CHARACTERS) throw new FormulaError(`is longer than ${MOST_CHARACTERS} characters`, 0);
  return new Reader(tokensOf(text)).whole();
}

/** The metrics that a formula is made of, each once. */
export function metricsOf(formula: Formula): string[] {
  const found = new Set<string>();
  const look = (part: Formula): void => {
    if (part.kind === 'metric') found.add(part.key);
    if (part.kind === 'negative') look(part.of);
    if (part.kind === 'binary') [part.left, part.right].forEach(look);
    if (part.kind === 'call') part.args.forEach(look);
  };
  look(formula);
  return [...found];
}

/** What it comes to; null where a metric has no value, or something is divided by nothing. */
export function evaluate(formula: Formula, valueOf: (metric: string) => number | null): number | null {
  switch (formula.kind) {
    case 'number':
      return formula.value;
    case 'metric':
      return valueOf(formula.key);
    case 'negative':
      return finite(map(evaluate(formula.of, valueOf), (value) => -value));
    case 'binary':
      return binary(formula.operator, evaluate(formula.left, valueOf), evaluate(formula.right, valueOf));
    case 'call':
      return call(
        formula.name,
        formula.args.map((argument) => evaluate(argument, valueOf)),
      );
  }
}

const map = (value: number | null, change: (value: number) => number): number | null =>
  value === null ? null : change(value);
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

function binary(operator: '+' | '-' | '*' | '/', left: number | null, right: number | null): number | null {
  if (left === null || right === null) return null;
  if (operator === '+') return finite(left + right);
  if (operator === '-') return finite(left - right);
  if (operator === '*') return finite(left * right);
  return finite(left / right);
}

function call(name: FunctionName, values: readonly (number | null)[]): number | null {
  if (name === 'coalesce') return values.find((value) => value !== null) ?? null;
  const known = values.filter((value) => value !== null);
  if (known.length < values.length) return null;
  const [first = 0, second = 0] = known;
  if (name === 'abs') return Math.abs(first);
  if (name === 'min') return Math.min(...known);
  if (name === 'max') return Math.max(...known);
  const scale = 10 ** Math.min(12, Math.max(0, Math.round(second)));
  return finite(Math.round(first * scale) / scale);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== '';) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new FormulaError('is not understood here', at + text.slice(at).search(/\S/));
    const [all, number, key, name, sign] = match;
    const start = at + all.search(/\S/);
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at: start });
    if (key !== undefined) tokens.push({ kind: 'key', text: key, at: start });
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at: start });
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, at: start });
    at = TOKEN.lastIndex;
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }];
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Formula {
    const formula = this.sum();
    if (this.here.kind !== 'end') this.fail('stands where the formula should be over');
    return formula;
  }

  private get here(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', at: 0 };
  }

  private takes(sign: string): boolean {
    if (this.here.kind !== 'sign' || this.here.text !== sign) return false;
    this.at += 1;
    return true;
  }

  private fail(what: string): never {
    const { kind, text, at } = this.here;
    throw new FormulaError(kind === 'end' ? 'ends too early' : `“${text}” ${what}`, at);
  }

  private sum(): Formula {
    let left = this.product();
    for (;;) {
      if (this.takes('+')) left = { kind: 'binary', operator: '+', left, right: this.product() };
      else if (this.takes('-')) left = { kind: 'binary', operator: '-', left, right: this.product() };
      else return left;
    }
  }

  private product(): Formula {
    let left = this.part();
    for (;;) {
      if (this.takes('*')) left = { kind: 'binary', operator: '*', left, right: this.part() };
      else if (this.takes('/')) left = { kind: 'binary', operator: '/', left, right: this.part() };
      else return left;
    }
  }

  private part(): Formula {
    this.depth += 1;
    if (this.depth > DEEPEST) throw new FormulaError(`is nested deeper than ${DEEPEST}`, this.here.at);
    const formula = this.inner();
    this.depth -= 1;
    return formula;
  }

  private inner(): Formula {
    if (this.takes('-')) return { kind: 'negative', of: this.part() };
    if (this.takes('(')) {
      const formula = this.sum();
      if (!this.takes(')')) this.fail('stands where a bracket should close');
      return formula;
    }
    const { kind, text } = this.here;
    if (kind !== 'number' && kind !== 'name' && kind !== 'key') this.fail('stands where a value should');
    this.at += 1;
    if (kind === 'number') return { kind: 'number', value: Number(text) };
    if (kind === 'name' && this.here.kind === 'sign' && this.here.text === '(') return this.call(text);
    return { kind: 'metric', key: text };
  }

  private call(name: string): Formula {
    if (!isFunction(name)) {
      this.at -= 1;
      this.fail('is no function');
    }
    this.at += 1;
    const args = [this.sum()];
    while (this.takes(',')) args.push(this.sum());
    if (!this.takes(')')) this.fail('stands where a bracket should close');
    const { fewest, most } = functions[name];
    if (args.length < fewest || args.length > most)
      throw new FormulaError(
        `“${name}” takes ${fewest === most ? fewest : `${fewest} to ${most}`} values`,
        this.here.at,
      );
    return { kind: 'call', name, args };
  }
}

const isFunction = (name: string): name is FunctionName => name in functions && Object.hasOwn(functions, name);
