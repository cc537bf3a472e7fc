// A record for people and for machines.
// Threading: pure functions. Words of agents and servers are shown as data (shown_text.h).
#pragma once

#include <string>

#include "app/commands/record_lookup.h"
#include "base/json.h"

namespace pawl {

// The body: ect_ext["pawl." + area]; an empty object when there is none.
json::Object body_of(const FoundRecord& record);
// A scalar as shown text, anything else as JSON.
std::string shown_value(const json::Value& value);
std::string shown_time(std::int64_t seconds);

// One line: index, time, what, outcome, who, where, id.
std::string record_line(const store::RecordRow& row);
// Of a record that stands for a token of somebody else: its exact bytes; empty of any other, and
// where they did not fit.
std::string received_text_of(const FoundRecord& record);
json::Object record_json(const store::RecordRow& row);
// "triage -> files/write_file", with what is there.
std::string who_and_where(const store::RecordRow& row);

// "name        value" with the value shown as it is.
std::string labelled(std::string_view name, const std::string& value);

}  // namespace pawl
