import { repositoryFile, startProgram } from './program.js';

/** `npx lintel …` with the given settings, run to its end. */
export const lintel = async (
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> => {
  const program = startProgram(
    process.execPath,
    [repositoryFile('packages/collector/bin/lintel.js'), ...args],
    {
      env,
    },
  );
  const code = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
};
