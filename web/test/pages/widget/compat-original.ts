import type * as Library from "matrix-widget-api";
import library from "matrix-widget-api";
import { run } from "./compat-page.js";

run(library as unknown as typeof Library); // it is CommonJS
