package literllm

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
// When the context ended the call, the kind is [ErrorKindCancelled] and the error wraps the context's own, so that
// errors.Is(err, context.Canceled) and errors.Is(err, context.DeadlineExceeded) tell which. A deadline of the
// policy is of kind [ErrorKindTimeout] and no error of the context.
//
// No key is in it.
type Error struct {
	// ErrorDetail is the core's error: kind, message, status, what the provider said, the answer so far.
	ErrorDetail
	// Report tells times and attempts. Absent: the call did not come so far.
	Report *Report

	// What the context says.
	cause error
}

// Error is the message.
func (e *Error) Error() string { return "literllm: " + e.Message }

// Unwrap is the context's error, where that ended the call.
func (e *Error) Unwrap() error { return e.cause }

// Is tells whether target is this error's kind.
func (e *Error) Is(target error) bool { return target == e.Kind }

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
	return &Error{ErrorDetail: ErrorDetail{Kind: kind, Message: message, Phase: PhaseRequest}}
}
