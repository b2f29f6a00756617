/** Version of this package, which a run carries in its first record. */
export const version = "0.1.0";
