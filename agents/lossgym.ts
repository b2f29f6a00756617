// The package root: the most used names of the three library layers.
export {};
