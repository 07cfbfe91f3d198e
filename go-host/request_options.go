// Code generated from wit/types.wit by `cargo xtask generate`. DO NOT EDIT.

package literllm

import "slices"

// WithMaxOutputTokens sets request.MaxOutputTokens.
//
// Bound of the answer, reasoning included where the provider counts so.
func WithMaxOutputTokens(value uint64) Option {
	return func(c *chat) { c.request.MaxOutputTokens = &value }
}

// WithTemperature sets request.Temperature.
//
// 0 to 2 with most providers.
func WithTemperature(value float64) Option {
	return func(c *chat) { c.request.Temperature = &value }
}

// WithTopP sets request.TopP.
//
// 0 to 1.
func WithTopP(value float64) Option {
	return func(c *chat) { c.request.TopP = &value }
}

// WithTopK sets request.TopK.
//
// At least 1.
func WithTopK(value uint32) Option {
	return func(c *chat) { c.request.TopK = &value }
}

// WithMinP sets request.MinP.
//
// 0 to 1.
func WithMinP(value float64) Option {
	return func(c *chat) { c.request.MinP = &value }
}

// WithFrequencyPenalty sets request.FrequencyPenalty.
//
// -2 to 2.
func WithFrequencyPenalty(value float64) Option {
	return func(c *chat) { c.request.FrequencyPenalty = &value }
}

// WithPresencePenalty sets request.PresencePenalty.
//
// -2 to 2.
func WithPresencePenalty(value float64) Option {
	return func(c *chat) { c.request.PresencePenalty = &value }
}

// WithSeed sets request.Seed.
//
// Ask for the same answer to the same request; a promise of no provider.
func WithSeed(value int64) Option {
	return func(c *chat) { c.request.Seed = &value }
}

// WithStop sets request.Stop; used again, it adds.
//
// Texts that end the answer; at most 4 with most providers.
func WithStop(values ...string) Option {
	return func(c *chat) { c.request.Stop = append(slices.Clip(c.request.Stop), values...) }
}

// WithLogitBias sets request.LogitBias; used again, it adds.
//
// Bias of tokens.
func WithLogitBias(values ...LogitBiasEntry) Option {
	return func(c *chat) { c.request.LogitBias = append(slices.Clip(c.request.LogitBias), values...) }
}

// WithLogprobs sets request.Logprobs.
//
// Log probabilities of the tokens of the answer.
func WithLogprobs(value bool) Option {
	return func(c *chat) { c.request.Logprobs = &value }
}

// WithTopLogprobs sets request.TopLogprobs.
//
// How many alternatives to each token, 0 to 20.
func WithTopLogprobs(value uint32) Option {
	return func(c *chat) { c.request.TopLogprobs = &value }
}

// WithN sets request.N.
//
// How many answers. Absent: one.
func WithN(value uint32) Option {
	return func(c *chat) { c.request.N = &value }
}

// WithTools sets request.Tools; used again, it adds.
//
// What the model may call.
func WithTools(values ...Tool) Option {
	return func(c *chat) { c.request.Tools = append(slices.Clip(c.request.Tools), values...) }
}

// WithToolChoice sets request.ToolChoice.
//
// Which of them. Absent: the provider's default, `auto` where tools are offered.
func WithToolChoice(value ToolChoice) Option {
	return func(c *chat) { c.request.ToolChoice = value }
}

// WithParallelToolCalls sets request.ParallelToolCalls.
//
// Several calls in one turn. Absent: the provider's default.
func WithParallelToolCalls(value bool) Option {
	return func(c *chat) { c.request.ParallelToolCalls = &value }
}

// WithOutput sets request.Output.
//
// Form of the answer. Absent: free text.
func WithOutput(value Output) Option {
	return func(c *chat) { c.request.Output = value }
}

// WithModalities sets request.Modalities; used again, it adds.
//
// Such as `text`, `audio`, `image`. Empty: the provider's default.
func WithModalities(values ...string) Option {
	return func(c *chat) { c.request.Modalities = append(slices.Clip(c.request.Modalities), values...) }
}

// WithReasoning sets request.Reasoning.
//
// Thinking. Absent: the model's default.
func WithReasoning(value ReasoningOptions) Option {
	return func(c *chat) { c.request.Reasoning = &value }
}

// WithPromptCache sets request.PromptCache.
//
// Caching by key. Absent: the provider's default.
func WithPromptCache(value PromptCache) Option {
	return func(c *chat) { c.request.PromptCache = &value }
}

// WithPreviousResponseID sets request.PreviousResponseID.
//
// Go on after this response, which the provider keeps. Absent: `messages` is all there is.
func WithPreviousResponseID(value string) Option {
	return func(c *chat) { c.request.PreviousResponseID = &value }
}

// WithConversationID sets request.ConversationID.
//
// Go on in this conversation, which the provider keeps. Absent: none.
func WithConversationID(value string) Option {
	return func(c *chat) { c.request.ConversationID = &value }
}

// WithStore sets request.Store.
//
// Let the provider keep the answer. Absent: the provider's default.
func WithStore(value bool) Option {
	return func(c *chat) { c.request.Store = &value }
}

// WithBackground sets request.Background.
//
// Let the provider work on while nobody waits. Absent: no.
func WithBackground(value bool) Option {
	return func(c *chat) { c.request.Background = &value }
}

// WithUser sets request.User.
//
// End user, in the provider's older field. Absent: not said.
func WithUser(value string) Option {
	return func(c *chat) { c.request.User = &value }
}

// WithSafetyIdentifier sets request.SafetyIdentifier.
//
// Stable, anonymous id of the end user. Absent: not said.
func WithSafetyIdentifier(value string) Option {
	return func(c *chat) { c.request.SafetyIdentifier = &value }
}

// WithMetadata sets request.Metadata; used again, it adds.
//
// Labels the provider keeps with the request.
func WithMetadata(values ...MetadataEntry) Option {
	return func(c *chat) { c.request.Metadata = append(slices.Clip(c.request.Metadata), values...) }
}

// WithServiceTier sets request.ServiceTier.
//
// Such as `auto`, `default`, `flex`, `priority`. Absent: the provider's default.
func WithServiceTier(value string) Option {
	return func(c *chat) { c.request.ServiceTier = &value }
}

// WithExtra sets request.Extra; used again, it adds.
//
// Fields of one wire format that this contract does not know.
func WithExtra(values ...ExtraBody) Option {
	return func(c *chat) { c.request.Extra = append(slices.Clip(c.request.Extra), values...) }
}

// WithHeaders sets request.Headers; used again, it adds.
//
// More headers. Never credentials: `authorization` and its kin are refused.
func WithHeaders(values ...Header) Option {
	return func(c *chat) { c.request.Headers = append(slices.Clip(c.request.Headers), values...) }
}
