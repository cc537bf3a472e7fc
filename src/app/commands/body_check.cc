#include "app/commands/body_check.h"

#include <algorithm>
#include <ostream>

#include "app/commands/kept_body.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "base/encoding.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxFound = 10;

// Whether a token may speak of a kept body, without decoding it: the three ways in which the
// member's name can stand in base64url.
bool may_speak_of_one(std::string_view token) {
  static const std::vector<std::string> kSpellings = [] {
    std::vector<std::string> out;
    for (std::size_t before = 0; before < 3; ++before) {
      const std::string text =
          base64url_encode(std::string(before, 'x') + std::string(names::kBodyKept));
      const std::size_t begin = (before * 8 + 5) / 6;  // characters that hold bits of before
      const std::size_t end = (before + names::kBodyKept.size()) * 8 / 6;
      out.push_back(text.substr(begin, end - begin));
    }
    return out;
  }();
  return std::any_of(kSpellings.begin(), kSpellings.end(), [&](const std::string& spelling) {
    return token.find(spelling) != token.npos;
  });
}

void look_at(Files& files, const std::string& data, std::uint64_t index, std::string_view token,
             BodyReport& report) {
  if (!may_speak_of_one(token)) {
    return;
  }
  const Result<store::RecordRow> row = store::read_record_row(index, token);
  Result<jose::Jws> jws = row ? jose::decode(std::string(token)) : fail(row.error());
  if (!jws) {
    return;  // `pawl verify` names it
  }
  const FoundRecord record{*row, *std::move(jws), data};
  const std::optional<Result<std::string>> kept = kept_body(files, data, record, body_of(record));
  if (!kept) {
    return;
  }
  if (*kept) {
    ++report.same;
  } else if (kept->error().code == Code::kNotFound) {
    ++report.erased;
  } else if (++report.bad <= kMaxFound) {
    report.found.push_back("record " + record.row.id.text() + ": " + kept->error().message);
  }
}

}  // namespace

Result<BodyReport> check_bodies(Files& files, const std::string& data) {
  BodyReport report;
  if (!files.exists(data + "/ledger")) {
    return report;  // a bundle, or a frozen log by itself: its vault is elsewhere
  }
  std::vector<std::string> roots;
  for (const std::uint64_t number : ledger::frozen_logs(files, data)) {
    roots.push_back(ledger::frozen_folder(data, number));
  }
  roots.push_back(data);
  ledger::Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view token) {
    look_at(files, data, index, token, report);
    return true;
  };
  for (const std::string& root : roots) {
    const Status walked = ledger::walk(files, root, visitor);
    if (!walked && walked.error().code != Code::kNotFound) {
      return fail(walked.error());
    }
  }
  return report;
}

void tell_bodies(Context& context, const BodyReport& report) {
  std::string out;
  const auto add = [&](std::size_t count, const std::string& what) {
    if (count > 0) {
      out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    }
  };
  add(report.same, "as recorded");
  add(report.erased, "erased");
  add(report.bad, "BAD");
  if (!out.empty()) {
    context.io.out << labelled("kept bodies", out);
  }
  for (const std::string& one : report.found) {
    context.io.out << labelled("BAD", shown_text(one));
  }
}

json::Object bodies_json(const BodyReport& report) {
  json::Array found;
  for (const std::string& one : report.found) {
    found.emplace_back(one);
  }
  return {{"as_recorded", report.same},
          {"erased", report.erased},
          {"bad", report.bad},
          {"found", std::move(found)}};
}

}  // namespace pawl
