// Commands run in-process on a ledger in a temporary folder.
//
// Purpose:    what `pawl ARGUMENTS` prints and how it exits, without a process or a daemon.
// Threading:  the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "app/commands/config_command.h"
#include "app/commands/help_command.h"
#include "app/commands/ledger_command.h"
#include "app/commands/rules_command.h"
#include "app/commands/scrub_command.h"
#include "app/commands/token_command.h"
#include "app/commands/trust_command.h"
#include "app/commands/verify_command.h"
#include "app/commands/why_command.h"
#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "foundation/keys/keystore.h"
#include "foundation/ledger/ledger.h"
#include "operators/override/override_wire.h"
#include "tests/support/stepped_clock.h"

namespace pawl {

struct Ran {
  int exit = -1;
  std::string out, err;
};

inline Uuid record_id(std::uint64_t number) {
  return *Uuid::parse("0195a000-0000-7000-8000-" +
                      std::string(12 - std::to_string(number).size(), '0') +
                      std::to_string(number));
}

class CommandRig : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "pawl_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/home");
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
  }
  void TearDown() override { std::filesystem::current_path(before_); }

  Ran run(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    Context context{system_files(), clock_, system_random(),
                    [this](const std::string& name) -> std::optional<std::string> {
                      const auto found = variables_.find(name);
                      return found != variables_.end() ? std::optional(found->second)
                             : name == "HOME"          ? std::optional(folder_ + "/home")
                                                       : std::nullopt;
                    },
                    Console{in, out, err}};
    CLI::App root{"pawl", "pawl"};
    add_common_options(root, context);
    add_ledger(root, context);
    add_verify(root, context);
    add_trust(root, context);
    add_rules(root, context);
    add_why(root, context);
    add_config(root, context);
    add_scrub(root, context);
    add_token(root, context);
    root.set_version_flag("--version", "pawl of a test");
    add_help(root, context);
    const int exit = run_command(root, std::move(arguments), context);
    return {exit, out.str(), err.str()};
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // ---- a data folder ----

  Keystore& keys() {
    if (!keys_) {
      std::filesystem::create_directories(folder_ + "/pawl-data/ledger");
      keys_ = *Keystore::create(system_files(), "pawl-data/keys", system_random());
    }
    return *keys_;
  }
  const SigningKey& operator_key() {
    static const SigningKey key = *SigningKey::generate(KeyKind::kP256);
    return key;
  }
  void enrol_operator() {
    ASSERT_TRUE(
        keys().enrol_operator("alice", operator_key().public_key(), {"operator"}).has_value());
  }

  // A record as the recorder writes it; `ext` holds members of ect_ext beside the body.
  std::string token(std::uint64_t number, const std::string& kind, json::Object body,
                    json::Object ext = {}, json::Array pred = {}) {
    ext["pawl.profile"] = "urn:pawl:profile:1";
    ext["pawl." + kind.substr(0, kind.find('.'))] = std::move(body);
    json::Object claims{{"iss", "spiffe://example.org/pawl/gw1"},
                        {"aud", "spiffe://example.org/pawl/gw1/ledger"},
                        {"iat", 1'772'000'000 + static_cast<std::int64_t>(number)},
                        {"exp", 1'772'000'600 + static_cast<std::int64_t>(number)},
                        {"jti", record_id(number).text()},
                        {"exec_act", kind}};
    claims["pred"] = std::move(pred);
    claims["ect_ext"] = std::move(ext);
    return *jose::sign(keys().instance_key(), "exec+jwt", keys().instance_kid(),
                       json::print(claims));
  }
  std::string call(std::uint64_t number, const std::string& outcome,
                   const std::string& agent = "triage", const std::string& tool = "read") {
    return token(number, "tool.call",
                 {{"agent", agent}, {"server", "files"}, {"tool", tool}, {"outcome", outcome}},
                 {{"pol", "triage-reads"}, {"pol_decision", "approved"}});
  }

  // A call of a workflow (empty: of none), caused by the records of these numbers.
  std::string call_of(const std::string& workflow, std::uint64_t number,
                      const std::vector<std::uint64_t>& causes = {}, json::Object body = {}) {
    json::Array pred;
    for (const std::uint64_t cause : causes) {
      pred.push_back(json::Value(record_id(cause).text()));
    }
    body["outcome"] = "confirmed";
    const jose::Jws read =
        *jose::decode(token(number, "tool.call", std::move(body), {}, std::move(pred)));
    json::Object claims = read.payload.as_object();
    if (!workflow.empty()) {
      claims["wid"] = workflow;
    }
    return *jose::sign(keys().instance_key(), "exec+jwt", keys().instance_kid(),
                       json::print(claims));
  }

  void append(const std::vector<std::string>& tokens,
              const std::string& origin = "example.org/pawl/gw1") {
    keys();
    ledger::Options options;
    options.origin = origin;
    options.segment_bytes = 256 * 1024;
    options.batch_wait = std::chrono::microseconds(0);
    options.reserve_bytes = 0;
    ledger::Recovery recovery;
    auto opened = ledger::Ledger::open(
        system_files(), "pawl-data/ledger", keys().log_key(), clock_,
        [](std::function<void()> done) { done(); }, options, 1,
        [](std::string_view) { return true; }, [](std::uint64_t, std::string_view) {}, recovery);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    for (const std::string& jws : tokens) {
      const jose::Jws read = *jose::decode(jws);
      const Uuid id = *Uuid::parse(*json::find_string(read.payload, {"jti"}));
      (*opened)->append_entry({jws, id, false}, [](const Result<ledger::EntryRef>& ref) {
        EXPECT_TRUE(ref.has_value());
      });
    }
  }  // the ledger drains here

  std::map<std::string, std::string> variables_;  // of the environment
  SteppedClock clock_;
  std::string folder_;
  std::filesystem::path before_;
  std::optional<Keystore> keys_;
};

// One line: not empty, one line end, at its end.
inline bool is_one_line(const std::string& text) {
  return text.size() > 1 && text.find('\n') == text.size() - 1;
}

}  // namespace pawl
