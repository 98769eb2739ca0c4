// Package sim is a small world in virtual time: a page that drives
// [future.Client], its host, a homeserver, the hops between them, two clocks
// that may step and stop, and everything that goes wrong in such a world. All
// of it is drawn from a seed: the same plan gives the same world, event for
// event. While it runs, an oracle that sees all sides checks the invariants,
// each of which has a name and stands for a sentence of the design; a plan that
// breaks one can be shrunk to the few faults and actions that matter and told
// as a transcript.
//
//	plan   = setting items            // drawn from the seed by [Draw]
//	item   = a fault with its window, or an action of the page
//	report = violations, counts       // made of a plan by [Run]
//
// Messages cross as fields, as the wasm's border makes them: text would cost
// more than the core itself and is package wirejson's own test.
package sim
