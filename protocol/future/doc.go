// Package future is the life of a future on the widget's side: the gate that
// nothing passes which a host might send at once, the probe that proves a
// host's generation, the receipts, and the verbs refresh, cancel and send in
// every dialect. It drives a session and, like it, does no I/O: each input is a
// method of [Client] that takes the time and leaves effects in the session's
// Out. The driver's duties are package session's, and:
//
//  1. Every input of the page carries a call number above 0, its own until the
//     effect Settle or Fail names it; [Client.Abort] gives it up without one.
//  2. An effect HTTP is carried out as a POST without credentials, redirects or
//     referrer; its end is told by [Client.HTTPDone], unless Hangup came first.
//  3. When a Wake is due: [Client.Tick]. When posting throws: [Client.PostFailed].
package future
