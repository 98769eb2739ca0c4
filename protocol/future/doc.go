// Package future is the life of a future on the widget's side: the gate that
// nothing passes which a host might send at once, the probe that proves a
// host's generation, the receipts, the verbs refresh, cancel and send in every
// dialect, keepAlive, and the hold of a state with its leave (design §5; the
// hold's rules and what follows from them stand in HOLD.md). It drives a
// session and, like it, does no I/O: each input is a method of [Client] that
// takes the time and leaves effects in the session's Out. The driver's duties
// are package session's, and:
//
//  1. Every input of the page carries a call number above 0, its own until the
//     effect Settle or Fail names it; [Client.Abort] gives it up without one.
//     Of several that are given up at once, all but the last by [Client.GiveUp].
//     The number of a keepAlive or a hold is its own until Over names it.
//  2. An effect HTTP is carried out as a POST without credentials, redirects or
//     referrer; its end is told by [Client.HTTPDone], unless Hangup came first.
//     Beacon is one that nobody waits for, by a way that outlives the page.
//  3. When a Wake is due: [Client.Tick]. When posting throws: [Client.PostFailed].
//     What happens to the page: [Client.Page].
//  4. The contents of a hold are kept until Over; those that an update brings
//     take their place at once, and it is they that the hold sends from then on.
//  5. Between Steady 1 and Steady 0 the clock is one that a hidden page does not
//     slow, and the room events of each message are read (protocol.Heard). What
//     was told of a hold's place before goes with its call, behind its arguments.
package future
