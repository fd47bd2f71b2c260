// dates in snapshots and texts do not depend on where the tests run
process.env.TZ = 'UTC';

const base = require('./.config/jest.config');

module.exports = {
  ...base,
  transform: {
    ...base.transform,
    // d3-color 3.1.1 has a .mjs main, which the scaffold's pattern passes over
    '^.+\\.mjs$': ['@swc/jest'],
  },
};
