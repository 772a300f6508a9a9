export { runSearch, type SearchOptions } from './run.ts';
export { RunFolder } from './run-folder.ts';
export { configurationSchema, type Configuration } from './space/configuration.ts';
export { architectureOf } from './space/architecture.ts';
export { unoLimits, type Limits } from './space/limits.ts';
export { networkProblem, type NetworkProblem } from './space/problem.ts';
export type { SearchView } from './view.ts';
