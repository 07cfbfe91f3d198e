package literllm

import (
	"strings"

	"github.com/literllm/literllm/go-host/internal/document"
)

// Answer is what a call ends with when it ends well. It is the last [Event] of a stream.
type Answer struct {
	// Response is what the provider said.
	Response Response
	// Report tells times and attempts.
	Report Report
}

// Text of the first choice, all its text parts joined. Empty when it only calls tools or declines.
func (a *Answer) Text() string { return a.Response.Text() }

// ToolCalls are the tools the first choice asks for, in order.
func (a *Answer) ToolCalls() []*ToolCallPart { return a.Response.ToolCalls() }

// Finish is why the first choice stopped. Absent: the provider did not say.
func (a *Answer) Finish() *Finish {
	if len(a.Response.Choices) == 0 {
		return nil
	}
	return a.Response.Choices[0].Finish
}

// Usage are the tokens. Absent: the provider did not tell.
func (a *Answer) Usage() *Usage { return a.Response.Usage }

func (*Answer) isEvent() {}

func (a *Answer) write(w *document.Writer) {
	w.Open('{')
	w.Key(`"type":"answer"`)
	w.Key(`"response":`)
	a.Response.write(w)
	w.Key(`"report":`)
	a.Report.write(w)
	w.Close('}')
}

// Inference is an [Answer] with its commonest parts at hand.
type Inference struct {
	// Text of the first choice.
	Text string
	// Tokens are the same text in the pieces in which it came. Mostly a token each, but a provider may send more at once.
	Tokens []string
	// Usage as the provider counts. Absent: it did not tell.
	Usage *Usage
	// Finish is why it stopped. Absent: the provider did not say.
	Finish *Finish
	// Warnings tell what was dropped, renamed or clamped on the way.
	Warnings []Warning
	// Report tells times and attempts.
	Report Report
	// Response is all the provider said.
	Response Response
}

func newInference(answer *Answer, tokens []string) *Inference {
	return &Inference{
		Text:     answer.Text(),
		Tokens:   tokens,
		Usage:    answer.Usage(),
		Finish:   answer.Finish(),
		Warnings: answer.Response.Warnings,
		Report:   answer.Report,
		Response: answer.Response,
	}
}

// Text of the first choice, all its text parts joined.
func (r *Response) Text() string {
	var texts []string
	for _, part := range r.first() {
		if text, ok := part.(*TextPart); ok {
			texts = append(texts, text.Text)
		}
	}
	return strings.Join(texts, "")
}

// ToolCalls are the tools the first choice asks for, in order.
func (r *Response) ToolCalls() []*ToolCallPart {
	var calls []*ToolCallPart
	for _, part := range r.first() {
		if call, ok := part.(*ToolCallPart); ok {
			calls = append(calls, call)
		}
	}
	return calls
}

func (r *Response) first() []Part {
	if len(r.Choices) == 0 {
		return nil
	}
	return r.Choices[0].Content
}

// Message is the first choice as a message, to be sent back in the next turn.
func (a *Answer) Message() Message {
	return Message{Role: RoleAssistant, Content: a.Response.first()}
}

// Text makes a message of plain words.
func Text(role Role, text string) Message {
	return Message{Role: role, Content: []Part{&TextPart{Text: text}}}
}

// Ptr makes a pointer of a value, for optional fields. Since Go 1.26, new does the same.
func Ptr[T any](value T) *T { return &value }
