#include "app/commands/subject_search.h"

#include <algorithm>

#include "app/commands/kept_body.h"
#include "app/commands/shown_record.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/records/kinds.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

// Where a name would go on: of "bob", "bobby" and "bob@example.org" say nothing.
bool goes_on(std::string_view rest, bool is_backward) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("_-+@").find(c) != std::string_view::npos;
  };
  const auto at = [&](std::size_t i) { return is_backward ? rest[rest.size() - 1 - i] : rest[i]; };
  return !rest.empty() && (is_part(at(0)) || (at(0) == '.' && rest.size() > 1 && is_part(at(1))));
}

// As a whole name: a value of its own, or in a text, as older versions wrote some.
bool names(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    if (!goes_on(text.substr(0, at), true) && !goes_on(text.substr(at + word.size()), false)) {
      return true;
    }
  }
  return false;
}

bool says(const json::Value& value, const std::set<std::string>& words) {
  if (value.is_string()) {
    const std::string_view text(value.get_string());
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string& word) { return names(text, word); });
  }
  if (value.is_array()) {
    return std::any_of(value.get_array().begin(), value.get_array().end(),
                       [&](const json::Value& item) { return says(item, words); });
  }
  return value.is_object() &&
         std::any_of(value.get_object().begin(), value.get_object().end(),
                     [&](const auto& member) { return says(member.value(), words); });
}

class Search {
 public:
  Search(Files& files, const std::string& data, const std::set<std::string>& words,
         const std::function<Status(const SubjectRecord&)>& found)
      : files_(files), data_(data), words_(words), found_(found) {}

  Status look_at(std::uint64_t log, std::uint64_t index, std::string_view token);
  const SubjectCounts& counts() const { return counts_; }

 private:
  Files& files_;
  const std::string& data_;
  const std::set<std::string>& words_;
  const std::function<Status(const SubjectRecord&)>& found_;
  SubjectCounts counts_;
};

Status Search::look_at(std::uint64_t log, std::uint64_t index, std::string_view token) {
  Result<store::RecordRow> row = store::read_record_row(index, token);
  Result<jose::Jws> jws = row ? jose::decode(std::string(token)) : fail(row.error());
  if (!jws) {
    return {};  // `pawl verify` names it
  }
  row->log = log;
  SubjectRecord one{{*std::move(row), *std::move(jws), data_}, {}, false};
  one.body = body_of(one.record);
  if (const auto kept = kept_body(files_, data_, one.record, one.body)) {
    const Result<json::Parsed> whole = *kept ? json::parse(**kept) : fail(kept->error());
    one.was_kept = whole && whole->value.is_object();
    one.body = one.was_kept ? whole->value.get_object() : one.body;
    counts_.unclear += one.was_kept ? 0 : 1;
  } else if (stands_out_of_line(one.record.jws.typ, one.record.jws.payload,
                                kinds::area(one.record.row.kind))) {
    ++counts_.unclear;
  }
  if (!says(one.body, words_)) {
    return {};
  }
  ++counts_.records;
  return found_(one);
}

}  // namespace

Result<SubjectCounts> find_subject(Files& files, const std::string& data,
                                   const std::set<std::string>& words,
                                   const std::function<Status(const SubjectRecord&)>& found) {
  Search search(files, data, words, found);
  std::vector<std::pair<std::uint64_t, std::string>> logs;
  for (const std::uint64_t number : ledger::frozen_logs(files, data)) {
    logs.emplace_back(number, ledger::frozen_folder(data, number));
  }
  logs.emplace_back(0, data);
  for (const auto& [number, root] : logs) {
    Status looked;
    ledger::Visitor visitor;
    visitor.entry = [&, log = number](std::uint64_t index, std::string_view token) {
      looked = search.look_at(log, index, token);
      return looked.has_value();
    };
    const Status walked = ledger::walk(files, root, visitor);
    if (!walked || !looked) {
      return fail(walked ? looked.error() : walked.error());
    }
  }
  return search.counts();
}

std::set<std::string> clear_names(const std::string& name) {
  return {name, "user:" + name};
}

}  // namespace pawl
