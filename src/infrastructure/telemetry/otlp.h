// Spans in the JSON form of OTLP 1.x traces (opentelemetry-proto, protobuf JSON mapping).
//
// Purpose:    the wire form only: ids as lower-case hex, 64-bit integers as strings, enums as
//             numbers, exactly as the OTLP specification asks of JSON over HTTP.
// Threading:  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "path/span.h"

namespace pawl::telemetry {

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

// One element of scopeSpans.spans.
std::string print_span(const Span& span);
// A whole ExportTraceServiceRequest around spans that are joined by commas.
std::string print_request(const Attributes& resource, std::string_view version,
                          std::string_view joined_spans);
// Rejected spans that an ExportTraceServiceResponse names; 0 when it names none.
std::uint64_t rejected_spans(std::string_view response);

}  // namespace pawl::telemetry
