// Programs that tests start print what they print into a file: colours would be in the way. Jest's workers force them on
// a terminal, and some libraries take CI for one.
process.env.NO_COLOR = '1';
delete process.env.FORCE_COLOR;
