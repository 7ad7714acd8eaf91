export default { test: { globalSetup: "./lookalike-setup.mjs" } };
