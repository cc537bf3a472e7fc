// Small helpers of the HTTP APIs: JSON answers, RFC 9457 problems, bearer tokens of people.
// Threading: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "infrastructure/http/message.h"

namespace pawl {

http::Response json_answer(int status, const json::Value& value);
http::Response problem_answer(const Error& error);
http::Response text_answer(int status, std::string_view content_type, std::string body);

// True when the request carries exactly this bearer token (constant time).
bool shows_token(const http::Request& request, std::string_view token);
// The same for the local token of a people's listener, which is a control.
bool has_token(const http::Request& request, std::string_view token);

// Guards a people's listener, which is on loopback, against web pages: no Origin, and one Host that
// names this machine (a page of another name would be let in by whoever answers for that name).
bool from_browser_page(const http::Request& request);

}  // namespace pawl
