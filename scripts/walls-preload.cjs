// dependency-cruiser 17 parses every file with swc as plain TypeScript, and a `.tsx` stops it with a syntax error.
const swc = require('@swc/core');

const parse = swc.parseFileSync;
swc.parseFileSync = (file, options) => parse(file, { ...options, tsx: file.endsWith('.tsx') });
