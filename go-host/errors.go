package literllm

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Error is what every call that fails ends with.
//
//	var failed *literllm.Error
//	if errors.As(err, &failed) {
//		log.Print(failed.Kind, failed.Retryable, failed.TextSoFar())
//	}
//
// Each [ErrorKind] is an error too, to match on:
//
//	errors.Is(err, literllm.ErrorKindRateLimit)
//
// When the context was cancelled, the kind is [ErrorKindCancelled] and errors.Is(err, context.Canceled) holds. When a bound of
// time was passed, the kind is [ErrorKindTimeout] and Deadline says which; that of the context is [DeadlineCaller], and
// errors.Is(err, context.DeadlineExceeded) holds for it alone.
//
// No key is in it.
type Error struct {
	// ErrorDetail is the core's error: kind, message, status, what the provider said, the answer so far, whether it may have
	// been billed, what may be done next.
	ErrorDetail
	// Report tells times and attempts. Absent: the call did not come so far.
	Report *Report

	// What the context says, or why a file was not read.
	cause error
}

// Error is the message, and what else there is to know before one acts: how many attempts there were, whether the call may
// have been billed, what may be done next.
func (e *Error) Error() string {
	said := []string{"literllm: " + e.Message}
	if e.Report != nil && len(e.Report.Attempts) > 1 {
		said = append(said, fmt.Sprintf("%d attempts", len(e.Report.Attempts)))
	}
	if e.MaybeBilled {
		said = append(said, "it may have been billed")
	}
	if next := e.next(); next != "" {
		said = append(said, "you may "+next)
	}
	return strings.Join(said, "; ")
}

// next is what may be done, in words. Empty: nothing.
func (e *Error) next() string {
	var words []string
	for _, step := range e.Next {
		switch {
		case step == NextStepContinue:
			words = append(words, "ask the model to go on from the partial answer")
		case step == NextStepResend && e.RetryAfterMs != nil:
			words = append(words, fmt.Sprintf("send it again after %d ms", *e.RetryAfterMs))
		case step == NextStepResend:
			words = append(words, "send it again")
		}
	}
	return strings.Join(words, " or ")
}

// Unwrap is the context's error, where that ended the call; of [ReadConfig], why the file was not read.
func (e *Error) Unwrap() error { return e.cause }

// Is tells whether target is this error's kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

// endedBefore is for a context that had ended before the call began.
func endedBefore(ctx context.Context) *Error {
	err := failed(ErrorKindCancelled, "the context had ended before the call began: "+ctx.Err().Error())
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err.Kind, err.Deadline = ErrorKindTimeout, Ptr(DeadlineCaller)
	}
	err.blame(ctx)
	return err
}

// blame the context for what it has ended.
func (e *Error) blame(ctx context.Context) {
	switch {
	case e.Kind == ErrorKindCancelled:
		e.cause = causeOf(ctx)
	case e.Deadline != nil && *e.Deadline == DeadlineCaller:
		// The core may have been the first to see it, and a call that was taken up has another context.
		e.cause = context.DeadlineExceeded
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			e.cause = causeOf(ctx)
		}
	}
}

// causeOf a context's end: its error, and with it the cause its owner gave.
func causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return errors.Join(ctx.Err(), cause)
	}
	return ctx.Err()
}

// TextSoFar is the visible text of the first choice that had come; empty when none had.
func (e *Error) TextSoFar() string {
	if e.Partial == nil {
		return ""
	}
	return e.Partial.Text()
}

// Error makes a kind an error, for errors.Is.
func (k ErrorKind) Error() string { return string(k) }

// failed is an error of our own making, from before anything was sent.
func failed(kind ErrorKind, message string) *Error {
	return &Error{ErrorDetail: ErrorDetail{Kind: kind, Message: message, Phase: PhaseRequest, Next: []NextStep{NextStepGiveUp}}}
}
