// Connections to the database of the hub and of the ceiling alike: the default of config/default.yaml.
export const POOL_SIZE = 10;
