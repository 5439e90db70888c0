/**
 * Of what is listed in the settings no notice tells: somebody else makes a key, a webhook's event is ignored, a message
 * arrives. While it is looked at it is asked for now and then.
 */
export const WATCHED = { refetchInterval: 3000 } as const;
