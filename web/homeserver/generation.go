package homeserver

import "cmp"

// Generation names a server or a draft whose ways of refusing are taken together. It changes nothing else: every generation is scheduled
// and managed as Synapse 1.160.0 does.
type Generation string

const (
	// GenerationMerged is the MSC as it was merged on 2026-09-08.
	GenerationMerged Generation = "merged"
	// GenerationSynapse1163 is Synapse from 1.161 to 1.163.
	GenerationSynapse1163 Generation = "synapse-1.163"
	// GenerationSynapse1160 is Synapse 1.160.0, the default.
	GenerationSynapse1160 Generation = "synapse-1.160"
	// Generation202605 is the MSC of 2026-05-14 to 2026-06-07.
	Generation202605 Generation = "2026-05"
	// Generation202602 is the MSC of 2026-02 in its unstable form.
	Generation202602 Generation = "2026-02"
	// Generation202601 is the MSC of 2026-01.
	Generation202601 Generation = "2026-01"
	// GenerationSynapse1156 is Synapse from 1.127 to 1.156.
	GenerationSynapse1156 Generation = "synapse-1.156"
	// GenerationSynapse1126 is Synapse up to 1.126: a sender's own new state cancels the delayed event too.
	GenerationSynapse1126 Generation = "synapse-1.126"
	// Generation202407 is the MSC from the end of July 2024 on.
	Generation202407 Generation = "2024-07"
)

// manners is what a generation decides.
type manners struct {
	tooLong         TooLongForm
	tooMany         TooManyForm
	off             OffForm
	finished        FinishedForm
	ownStateCancels bool
}

// Where a draft is silent it has what came last before it.
var generations = map[Generation]manners{
	GenerationMerged:      {TooLongDelay, TooManyLimit, OffForbidden, FinishedConflictKept, false},
	GenerationSynapse1163: {TooLongDelayPrefixed, TooManyLimit, OffForbidden, FinishedNotFound, false},
	GenerationSynapse1160: {TooLongForbidden, TooManyLimit, OffForbidden, FinishedNotFound, false},
	Generation202605:      {TooLongInvalidParam, TooManyLimit, OffUnknown, FinishedConflict, false},
	Generation202602:      {TooLongPrefixed, TooManyLimit, OffUnstable, FinishedNotFound, false},
	Generation202601:      {TooLongMaxDelay, TooManyResourceLimit, OffUnstable, FinishedNotFound, false},
	GenerationSynapse1156: {TooLongUnstable, TooManyUnstable, OffUnstable, FinishedNotFound, false},
	GenerationSynapse1126: {TooLongUnstable, TooManyUnstable, OffUnstable, FinishedNotFound, true},
	Generation202407:      {TooLongMaxDelay, TooManyMaxDelayed, OffUnstable, FinishedNotFound, true},
}

// manners are those of the generation, but for what an option of its own decides.
func (o *Options) manners() manners {
	m := generations[cmp.Or(o.Generation, GenerationSynapse1160)]
	return manners{
		cmp.Or(o.TooLong, m.tooLong), cmp.Or(o.TooMany, m.tooMany), cmp.Or(o.Off, m.off), cmp.Or(o.Finished, m.finished),
		o.OwnStateCancels || m.ownStateCancels,
	}
}
