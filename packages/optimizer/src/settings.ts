import { z } from 'zod';
import { StudyError } from './study-error.ts';
import type { Json, Objective } from './types.ts';

/** What makes trials of one study comparable. Stored when the study is created, checked whenever it is resumed. */
export interface StudySettings {
  /** An integer in 0…2³²−1; every random choice of the study follows from it. */
  readonly seed: number;
  readonly objectives: readonly Objective[];
  readonly constraints: readonly string[];
  /** The caller's own: the dataset, the rungs, the limits, … */
  readonly fixed: Readonly<Record<string, Json>>;
}

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
);

const settingsSchema = z.object({
  seed: z.number().int().min(0).max(0xffffffff),
  objectives: z
    .array(
      z.object({
        name: z.string().min(1),
        reference: z.number().optional(),
        scale: z.enum(['linear', 'log']).optional(),
      }),
    )
    .min(1),
  constraints: z.array(z.string().min(1)),
  fixed: z.record(z.string(), json),
});

/** Throws a StudyError that names the first thing that is wrong. */
export function parseSettings(value: unknown, where: string): StudySettings {
  const result = settingsSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new StudyError(`${where}: settings: ${issue.path.join('.') || 'value'}: ${issue.message}`);
  }
  const names = [...result.data.objectives.map((objective) => objective.name), ...result.data.constraints];
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new StudyError(`${where}: settings: the name "${double}" is used twice`);
  return result.data;
}

/** Throws a StudyError naming every setting in which a resumed study differs from the stored one. */
export function requireSameSettings(stored: StudySettings, given: StudySettings, path: string): void {
  const differences = [
    ...differencesOf({ seed: stored.seed }, { seed: given.seed }),
    ...differencesOf(byName(stored.objectives), byName(given.objectives), 'objective '),
    ...differencesOf({ constraints: stored.constraints }, { constraints: given.constraints }),
    ...differencesOf(stored.fixed, given.fixed),
  ];
  if (differences.length === 0) return;
  throw new StudyError(
    `${path} was made with other settings (${differences.join('; ')}): resume it with its own, or start another study`,
  );
}

function byName(objectives: readonly Objective[]): Record<string, Json> {
  const entries = objectives.map(({ name, reference, scale }, position): [string, Json] => [
    name,
    { position, reference: reference ?? null, scale: scale ?? 'linear' },
  ]);
  return Object.fromEntries(entries);
}

function differencesOf(
  stored: Readonly<Record<string, Json>>,
  given: Readonly<Record<string, Json>>,
  prefix = '',
): string[] {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(given)])];
  const show = (value: Json | undefined) => (value === undefined ? 'none' : canonicalJson(value));
  return names
    .filter((name) => show(stored[name]) !== show(given[name]))
    .map((name) => `${prefix}${name}: ${show(stored[name])} there, ${show(given[name])} here`);
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
