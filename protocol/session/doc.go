// Package session is the conversation of one widget with its host: handshake,
// capabilities, calls under way and their deadlines. It does no I/O: every
// input is a method that takes the time it happens at and leaves effects, as
// data, in an [Out]; answers to the owner's own requests come back as [Answer].
//
// The driver's duties, in the order of a page's life:
//
//  1. Make a Session with what is known of the host, then feed it what the
//     page received while it was starting, oldest first ([Session.Receive]).
//  2. Call [Session.Open] once: it posts the opening messages.
//  3. Give it only messages whose source and origin were checked. When it asks
//     for a [Pin], remember the origin of the message just given.
//  4. Carry out the effects of an input after the call has returned, in order,
//     and before the next input.
//  5. When an [Effect] of kind [Wake] comes, call [Session.Expire] until it
//     yields nothing, at that time or later; a later Wake replaces an earlier.
//  6. Nothing is due after [Session.Close] has yielded its last answer.
//
// Time is milliseconds of a clock that never steps back, for deadlines, and of
// the wall clock, for what the page is told.
package session
