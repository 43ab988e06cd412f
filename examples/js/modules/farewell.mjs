export const farewell = "The rest is silence.";
