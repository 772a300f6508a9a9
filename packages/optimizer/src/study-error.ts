/** A problem that a person can solve; the message is one line that says what, where, and what to do. */
export class StudyError extends Error {
  override name = 'StudyError';
}
