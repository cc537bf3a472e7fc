// A real token in software for a test: SoftHSM 2 with a folder of its own, made by its own tools.
//
// Threading: one at a time in a process: SOFTHSM2_CONF says which. Programs that are missing fail
// the test: tools/install.sh test installs them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/files.h"
#include "tests/foundation/keys/temporary_folder.h"

namespace pawl::testing {

class SoftToken {
 public:
  static constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
  static constexpr const char* kPin = "2468";

  SoftToken() {
    const std::string config = folder_.path() + "/softhsm2.conf";
    EXPECT_TRUE(write_file(system_files(), config,
                           "directories.tokendir = " + tokens() +
                               "\nobjectstore.backend = file\nlog.level = ERROR\n"));
    std::filesystem::create_directory(tokens());
    ::setenv("SOFTHSM2_CONF", config.c_str(), 1);
    run(std::string("softhsm2-util --init-token --free --label pawl --so-pin 13579 --pin ") + kPin);
  }
  ~SoftToken() { ::unsetenv("SOFTHSM2_CONF"); }
  SoftToken(const SoftToken&) = delete;
  SoftToken& operator=(const SoftToken&) = delete;

  // type: EC:prime256v1, EC:edwards25519, rsa:2048
  void make_key(const std::string& type, const std::string& label, const std::string& id) const {
    run(std::string("pkcs11-tool --module ") + kModule + " --token-label pawl --login --pin " +
        kPin + " --keypairgen --key-type " + type + " --label " + label + " --id " + id);
  }
  std::string tokens() const { return folder_.path() + "/tokens"; }
  std::string folder() const { return folder_.path(); }

  static std::string uri(const std::string& key, const std::string& token = "pawl",
                         const std::string& module = kModule) {
    return "pkcs11:token=" + token + ";" + key + "?module-path=" + module + "&pin-source=file:/pin";
  }

 private:
  void run(const std::string& command) const {
    EXPECT_EQ(std::system((command + " > " + folder_.path() + "/out 2>&1").c_str()), 0) << command;
  }

  TemporaryFolder folder_;
};

}  // namespace pawl::testing
