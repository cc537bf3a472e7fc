#include "app/commands/shown_usual.h"

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/shown_values.h"

namespace pawl {
namespace {

constexpr std::size_t kMostOfAValue = 200;  // bytes

std::uint64_t count_in(const json::Value& from, std::string_view name) {
  const json::Value* found = json::find(from, {name});
  return found != nullptr && found->is_int64() && found->get_int64() > 0
             ? static_cast<std::uint64_t>(found->get_int64())
             : 0;
}

std::string_view text_in(const json::Value& from, std::string_view name) {
  return json::find_string(from, {name}).value_or("");
}

// Of JSON text. Nothing is shown in part: what is long stands among the arguments.
std::string value_words(std::string_view text) {
  if (text.size() > kMostOfAValue) {
    return "(" + std::to_string(text.size()) + " bytes)";
  }
  const Result<json::Parsed> parsed = json::parse(text);
  return parsed && parsed->value.is_string() ? quoted(parsed->value.get_string())
                                             : whole_text(text);
}

// "3 to 99, "a", "b"".
std::string usual_words(const json::Value& one) {
  std::string out(value_words(text_in(one, "lowest")));
  if (text_in(one, "lowest") != text_in(one, "highest")) {
    out += " to " + value_words(text_in(one, "highest"));
  }
  const json::Value* values = json::find(one, {"values"});
  for (const json::Value& value :
       values != nullptr && values->is_array() ? values->get_array() : json::Array()) {
    if (value.is_string()) {
      out += (out.empty() ? "" : ", ") + value_words(value.get_string());
    }
  }
  return out;
}

std::string difference_words(const json::Value& one, std::uint64_t calls) {
  const std::string place = named(text_in(one, "pointer"));
  const std::string_view what = text_in(one, "is");
  if (what == "missing") {
    return "missing: " + place + ", in " +
           (calls == 1 ? "the only call" : "all " + counted(calls, "call"));
  }
  const std::string here = place + " " + value_words(text_in(one, "now"));
  const std::string usual = usual_words(one);
  const std::string seen = " (" + counted(count_in(one, "seen"), "call") + ")";
  const json::Value* varies = json::find(one, {"varies"});
  if (what == "new_place") {
    return here + ", not in usual calls";
  }
  if (usual.empty()) {
    return here + ", of another kind than usual" + seen;
  }
  if (what == "out_of_range") {
    return here + ", usually " + usual + seen;
  }
  return varies != nullptr ? here + ", new; it varies, lately " + usual + seen
                           : here + ", never seen; usually " + usual + seen;
}

}  // namespace

std::string shown_usual(const HeldCall& call) {
  const json::Value* compared = json::find(call.usual, {"compared"});
  if (compared == nullptr || !call.params || !wrong_arguments(call).empty()) {
    return "";
  }
  const std::uint64_t calls = count_in(call.usual, "compared");
  if (calls == 0) {
    return labelled("unusual", "no call of this agent to this tool is known since the start");
  }
  const json::Value* differs = json::find(call.usual, {"differs"});
  std::string lines;
  for (const json::Value& one :
       differs != nullptr && differs->is_array() ? differs->get_array() : json::Array()) {
    if (!text_in(one, "pointer").empty()) {
      lines += difference_words(one, calls) + "\n";
    }
  }
  if (const std::uint64_t more = count_in(call.usual, "more")) {
    lines += "and " + counted(more, "more value") + "\n";
  }
  const std::string before = counted(calls, "call") + " of this agent to this tool since the start";
  const std::uint64_t others = count_in(call.usual, "not_compared");
  const std::string_view what = !lines.empty() ? "not as in "
                                : others > 0   ? "what could be compared is as in "
                                               : "nothing: as in ";
  return labelled("unusual", std::string(what) + before) + block_of(lines) +
         (others > 0 ? labelled("not compared", counted(others, "value") +
                                                    " or more: look at the arguments themselves")
                     : "");
}

}  // namespace pawl
