// Makes a module of a compiler's wasm_exec.js, which is written for a page of its own: it puts Go onto the global object and
// looks there for what a page or Node has. It runs in a function instead, whose global object the shim passes in, as esbuild
// does for its own browser build; what it reads there may be the page's own, of other libraries.

/** TinyGo's comment at the end of what is there for Node and for browsers of long ago; Go has none such. */
const polyfills = /^\(\(\) => \{$.*?(?=^\t\/\/ End of polyfills for common API\.$)/ms;

/** How each compiler's text calls the global object, and what it prints by. */
const surroundings = {
  tinygo(text) {
    if (!polyfills.test(text)) throw new Error("TinyGo's wasm_exec.js does not say where its polyfills end");
    return text.replace(polyfills, "(() => {\n\tconst global = scope;\n");
  },
  go: (text) => `const globalThis = scope;
const fs = { writeSync: (...args) => scope.fs.writeSync(...args) };
${text}`,
};

/** The module for the text of the wasm_exec.js of a compiler. */
export const wasmExecModule = (text, compiler) => `
export function loadGo(scope, console) {
${surroundings[compiler](text)}
  return scope.Go;
}`;
