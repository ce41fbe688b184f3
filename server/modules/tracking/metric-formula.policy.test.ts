import { evaluate, FormulaError, metricsOf, parseFormula } from './metric-formula.policy';

const worth = (text: string, values: Record<string, number | null> = {}) =>
  evaluate(parseFormula(text), (key) => values[key] ?? null);

describe('a formula', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['2 / 4 / 2', 0.25],
    ['-3 + -2', -5],
    ['--4', 4],
    ['max(1, 7, 3) - min(2, 9)', 5],
    ['abs(3 - 10)', 7],
    ['round(2 / 3, 2)', 0.67],
    ['round(2.5)', 3],
    ['100 * {sales.won-deals} / visits', 25],
    ['coalesce(missing, 4)', 4],
  ])('%s is %d', (text, value) => {
    expect(worth(text, { 'sales.won-deals': 5, visits: 20 })).toBeCloseTo(value, 12);
  });

  it('has no value where a metric has none, or something is divided by nothing', () => {
    expect(worth('a + 1')).toBeNull();
    expect(worth('a / b', { a: 4, b: 0 })).toBeNull();
    expect(worth('max(a, 1)')).toBeNull();
  });

  it('names the metrics it is made of, each once', () => {
    expect(metricsOf(parseFormula('a.b + {c-d} * max(a.b, -e)'))).toEqual(['a.b', 'c-d', 'e']);
  });

  it.each([
    ['', 0],
    ['1 +', 3],
    ['1 2', 2],
    ['(1 + 2', 6],
    ['a $ b', 2],
    ['eval(1)', 0],
    ['constructor(1)', 0],
    ['max()', 4],
    ['abs(1, 2)', 9],
    ['Visits', 0],
    ['a.b["c"]', 3],
    ['1; 2', 1],
  ])('that reads “%s” is refused, with the place', (text, position) => {
    expect(() => parseFormula(text)).toThrow(FormulaError);
    try {
      parseFormula(text);
    } catch (error) {
      expect(error).toMatchObject({ position });
    }
  });

  it('may be neither endless nor bottomless', () => {
    expect(() => parseFormula(`1${' + 1'.repeat(200)}`)).toThrow(/longer/);
    expect(() => parseFormula(`${'('.repeat(60)}1${')'.repeat(60)}`)).toThrow(/deeper/);
  });
});
