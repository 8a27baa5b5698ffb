// Runs on every page.
import { startCopying } from "./copy.js";

startCopying();
