/** One token, or two with a comma while one is being replaced. */
export function tokensIn(text: string): readonly string[] {
  return text.split(/[,\s]+/).filter((token) => token !== "");
}

/** What is wrong with tokens that were made up for this deployment. */
export function problemsOfTokens(text: string): readonly string[] {
  const tokens = tokensIn(text);
  if (tokens.length === 0) return ["holds no token"];
  return tokens.some((token) => token.length < 32) ? ["is too short to be a secret"] : [];
}
