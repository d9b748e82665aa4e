/** One number of a metric, with its labels. */
export interface Sample {
  /** What stands behind the metric's name: a histogram has three kinds of numbers. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Integers that go up. Adding costs a look-up for each label, and nothing is told to anybody. */
export interface Counter {
  /** `values`: one for each label, in their order. */
  add(values: readonly string[], by?: number): void;
  samples(): readonly Sample[];
}

/** How many were at most so much, for each of some bounds. */
export interface Histogram {
  /** `values` as a counter has them. */
  observe(value: number, values?: readonly string[]): void;
  samples(): readonly Sample[];
}

/** One value for each label, of each combination. */
type Known = readonly (readonly string[])[];

type Branch<Leaf> = Map<string, Branch<Leaf> | Leaf>;

/** Leaves by one text after the other: joining the texts first would cost more than all the rest. */
function tree<Leaf extends object>(depth: number, leaf: () => Leaf) {
  const root: Branch<Leaf> = new Map();
  const [alone, all] = [leaf(), new Map<Leaf, readonly string[]>()];
  if (depth === 0) all.set(alone, []);
  return {
    all,
    at(values: readonly string[]): Leaf {
      if (depth === 0) return alone;
      let branch = root;
      for (let at = 0; ; at++) {
        const value = values[at] ?? '';
        const next = branch.get(value);
        if (at < depth - 1) {
          if (next === undefined) branch.set(value, new Map());
          branch = branch.get(value) as Branch<Leaf>;
        } else if (next === undefined) {
          const made = leaf();
          branch.set(value, made);
          all.set(made, values.slice(0, depth));
          return made;
        } else return next as Leaf;
      }
    },
  };
}

/** `known`: values that are told as 0 before anything was added, so that the first one is an increase. */
export function counter(labels: readonly string[], known: Known = []): Counter {
  const counts = tree(labels.length, () => ({ value: 0 }));
  for (const values of known) counts.at(values);
  return {
    add(values, by = 1) {
      counts.at(values).value += by;
    },
    samples: () => [...counts.all].map(([{ value }, values]) => ({ labels: named(labels, values), value })),
  };
}

/** `bounds`: from the least to the greatest; what is more than all of them is counted too. `known` as a counter has it. */
export function histogram(bounds: readonly number[], labels: readonly string[], known: Known = []): Histogram {
  const zeros = (): number[] => Array.from({ length: bounds.length + 1 }, () => 0);
  const kept = tree(labels.length, () => ({ counts: zeros(), sum: 0 }));
  for (const values of known) kept.at(values);
  return {
    observe(value, values = []) {
      const its = kept.at(values);
      let at = 0;
      while (at < bounds.length && value > (bounds[at] ?? Infinity)) at += 1;
      its.counts[at] = (its.counts[at] ?? 0) + 1;
      its.sum += value;
    },
    samples: () =>
      [...kept.all].flatMap(([{ counts, sum }, values]): readonly Sample[] => {
        const about = named(labels, values);
        let many = 0;
        const buckets = counts.map((count, at): Sample => {
          many += count;
          return { suffix: '_bucket', labels: { ...about, le: bounds[at]?.toString() ?? '+Inf' }, value: many };
        });
        return [
          ...buckets,
          { suffix: '_sum', labels: about, value: sum },
          { suffix: '_count', labels: about, value: many },
        ];
      }),
  };
}

function named(labels: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map((label, at) => [label, values[at] ?? '']));
}
