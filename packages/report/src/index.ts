export { describeArchitecture, type LayerDescription } from './describe-architecture.ts';
export { historyOf } from './history.ts';
export { importanceOf, type Target } from './importance/importance.ts';
export { renderComparison, type ComparisonRun } from './render-comparison.ts';
export { renderReport } from './render-report.ts';
export * from './study-report.ts';
