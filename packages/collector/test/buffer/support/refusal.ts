/** The error a call ends with. @throws when it succeeds */
export const refusal = async (call: Promise<unknown>): Promise<Error> => {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error('the call was not refused');
};
