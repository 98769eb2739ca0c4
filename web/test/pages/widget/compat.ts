import type * as Library from "matrix-widget-api";
import * as library from "/widget-futures/compat.js";
import { run } from "./compat-page.js";

run(library as unknown as typeof Library);
