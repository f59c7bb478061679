/** As large as `parseSnapshot` reads: 100,000 applications with a subscription each, twice over. */
export const MAX_POLICY_BYTES = 33_554_432;
