// The event by which the exhibit asks the page.

export const ASK = "robustness-lab-ask";
