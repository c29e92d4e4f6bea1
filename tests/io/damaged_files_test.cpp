// Files that are cut short, lie about themselves or are made to do harm: each ends in a ConfigError
// that names the file, or in a connectome that is usable.
#include "io/scratch_folder.hpp"
#include "io/trial.hpp"
#include "support/places.hpp"
#include <cortifold/core/error.hpp>
#include <cortifold/io/connectome_reader.hpp>
#include <cortifold/io/table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <ctime>
#include <functional>
#include <new>
#include <random>

namespace cortifold {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

const fs::path fixtures = fs::path(source_folder) / "tests/io/fixtures";

class DamagedFile : public testing::Test {
protected:
    void expect_refused(const std::string& name, const std::string& bytes, const auto& message,
                        int line = 0) const {
        write_file(folder_ / name, bytes);
        try {
            (void)read_connectome(folder_ / name);
            ADD_FAILURE() << name << " was read";
        } catch (const ConfigError& error) {
            EXPECT_THAT(error.what(), message);
            EXPECT_THAT(error.where().file, HasSubstr((folder_ / name).string()));
            EXPECT_EQ(error.where().line, line) << error.what();
        }
    }
    void expect_sound(const std::string& name, const std::string& bytes) const {
        write_file(folder_ / name, bytes);
        try {
            EXPECT_TRUE(validate_connectome(read_connectome(folder_ / name)).usable());
        } catch (const ConfigError& error) {
            EXPECT_NE(error.where().file, "") << error.what();
        }
    }

    ScratchFolder folder_;
};

constexpr const char* every_format[]{"tvb.zip",
                                     "mixed_members.zip",
                                     "compressed.npz",
                                     "stored.npz",
                                     "f8.npy",
                                     "v5.mat",
                                     "v5_compressed.mat",
                                     "v4.mat",
                                     "v5_big_endian.mat",
                                     "sparse_v7_3.mat",
                                     "sparse.mat",
                                     "octave_v7.mat",
                                     "v7_3.mat",
                                     "tvb.h5",
                                     "octave.h5",
                                     "general.mtx",
                                     "symmetric_array.mtx",
                                     "graph.graphml"};

TEST_F(DamagedFile, IsRefusedOrReadSoundlyWhereverItIsCut) {
    for (const char* name : every_format) {
        const std::string bytes = read_file(fixtures / name);
        const std::size_t step = std::max<std::size_t>(1, bytes.size() / 15);
        for (std::size_t end = 0; end < bytes.size(); end += step)
            expect_sound(name, bytes.substr(0, end));
    }
}

TEST_F(DamagedFile, IsRefusedOrReadSoundlyWhicheverByteIsWrong) {
    std::mt19937_64 bits(30);
    constexpr int rounds = 20;
    for (const char* name : every_format)
        for (int round = 0; round < rounds; ++round) {
            std::string bytes = read_file(fixtures / name);
            for (int change = 0; change <= round % 3; ++change)
                bytes[bits() % bytes.size()] = static_cast<char>(bits());
            expect_sound(name, bytes);
        }
}

std::string npy(const std::string& header, const std::string& data = "") {
    const std::string padded = header + "\n";
    return std::string("\x93NUMPY\x01\x00", 8) +
           std::string{static_cast<char>(padded.size() & 0xFFU),
                       static_cast<char>(padded.size() >> 8)} +
           padded + data;
}

TEST_F(DamagedFile, OfNpyIsRefusedForEveryLieInItsHeader) {
    const auto refused = [&](const std::string& header, const std::string& message) {
        expect_refused("lie.npy", npy(header, std::string(32, '\0')), HasSubstr(message));
    };
    const std::string begin = "{'descr': '<f8', 'fortran_order': False, 'shape': ";
    refused(begin + "(2, 3), }", "take 48 bytes, it has 32");
    refused(begin + "(100000, 100000), }", "take more than");
    refused(begin + "(4000000000, 4000000000), }", "take more than");
    refused(begin + "(99999999999999999999, 1), }", "where a size is expected");
    refused(begin + "(-2, 2), }", "where a size is expected");
    refused(begin + "(), }", "array of 0 dimensions");
    refused(begin + "(2, 2", "where a size is expected");
    refused("", "where \"{\" is expected");
    refused("{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2, 2)}", "\"False\" is expected");
    refused("{'descr': '', 'fortran_order': False, 'shape': (2, 2)}", "no type");
    refused("{'descr': '<', 'fortran_order': False, 'shape': (2, 2)}", "found the type");
    refused("{'descr': '<U0', 'fortran_order': False, 'shape': (2,)}", "found the type");
    refused("{'evil': 1}", "an unknown key");
    expect_refused("lie.npy", "\x93NUMPY", HasSubstr("does not begin as one"));
    expect_refused("lie.npy", std::string("\x93NUMPY\x09\x00\x01\x00{", 11),
                   HasSubstr("version 9"));
}

TEST_F(DamagedFile, OfNpyNamesTheWeightThatIsNoNumber) {
    const double nan = std::numeric_limits<double>::quiet_NaN(), entries[4]{0.0, nan, 1.0, 0.0};
    expect_refused("nan.npy",
                   npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }",
                       std::string(reinterpret_cast<const char*>(entries), sizeof entries)),
                   HasSubstr("not finite (1): onto region 0 from region 1"));
}

TEST_F(DamagedFile, OfMatrixMarketIsRefusedWithItsLine) {
    const std::string head = "%%MatrixMarket matrix coordinate real general\n";
    const auto refused = [&](const std::string& text, int line, const std::string& message) {
        expect_refused("m.mtx", text, HasSubstr(message), line);
    };
    refused("%%MatrixMarket matrix coordinate complex general\n2 2 0\n", 1,
            "one of real, double, integer, pattern, found \"complex\"");
    refused("%%MatrixMarket matrix coordinate real hermitian\n2 2 0\n", 1, "found \"hermitian\"");
    refused("%%MatrixMarket vector coordinate real general\n", 1, "expected `%%MatrixMarket");
    refused("%%MatrixMarket matrix array pattern general\n2 2\n", 1, "cannot be a pattern");
    refused(head, 1, "expected the size");
    refused(head + "2 2\n", 2, "`rows columns entries`, found 2 values");
    refused(head + "2 3 0\n", 2, "a connectome is square");
    refused(head + "-2 -2 0\n", 2, "found -2");
    refused(head + "2000000000 2000000000 1\n1 1 1\n", 2, "from 0 to 200000");
    refused(head + "2 2 99999999999999999999\n", 2, "whole number in column 3");
    refused(head + "2 2 3\n1 2 0.5\n", 3, "3 entries are promised, the file has 1");
    refused(head + "% remark\n2 2 1\n1 3 0.5\n", 4, "from 0 to 2 in column 2, found 3");
    refused(head + "2 2 1\n0 1 0.5\n", 3, "counted from 1");
    refused(head + "2 2 1\n1 2 nan\n", 3, "finite number in column 3");
    refused(head + "2 2 2\n1 2 1\n1 2 2\n", 4, "entry 1 2 is listed twice");
    refused("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n", 3,
            "only the lower triangle");
    refused("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 1\n", 3,
            "no entries on the diagonal");
    refused("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n", 5, "the file ends before");
    refused("%%MatrixMarket matrix array real general\n1 1\n1\n2\n", 4, "more values");
}

TEST_F(DamagedFile, OfGraphmlIsRefusedWithLineAndColumn) {
    const auto refused = [&](const std::string& body, int line, const std::string& message) {
        expect_refused(
            "g.graphml",
            "<graphml>\n<key id='w' for='edge' attr.name='weight'/>\n" + body + "</graphml>\n",
            HasSubstr(message), line);
    };
    const std::string nodes = "<graph edgedefault='directed'>\n<node id='a'/><node id='b'/>\n";
    refused(nodes + "<edge source='a' target='c'/>\n</graph>", 5,
            "there is no node \"c\", its target (");
    refused(nodes + "<edge source='a' target='b'><data key='w'>x</data></edge>\n</graph>", 5,
            "expected a finite number as weight, found \"x\"");
    refused(nodes + "<edge source='a' target='b'><data key='w'>inf</data></edge>\n</graph>", 5,
            "expected a finite number as weight");
    refused(nodes + "<edge source='a' target='b'><data key='v'>1</data></edge>\n</graph>", 5,
            "no key declares \"v\"");
    refused(nodes + "<edge source='a' target='b'/>\n<edge source='a' target='b'/>\n</graph>", 6,
            "a second edge onto \"b\" from \"a\"");
    refused(nodes + "<node id='a'/>\n</graph>", 5, "a second node \"a\"");
    refused(nodes + "<hyperedge/>\n</graph>", 5, "hyperedges are not supported");
    refused(nodes + "</graph><graph/>", 5, "found a second");
    refused(
        "<graph edgedefault='sideways'><node id='a'/><node id='b'/>"
        "<edge source='a' target='b'/></graph>",
        3, "must be directed or undirected");
    refused("<graph>\n<node>\n</graph>", 5, "not valid XML");
    expect_refused("g.graphml", "<svg/>", HasSubstr("expected the element graphml"), 1);
}

TEST_F(DamagedFile, OfGraphmlTakesUndirectedEdgesBothWaysAndEdgesWithoutWeightAsOne) {
    write_file(folder_ / "g.graphml",
               "<graphml><graph edgedefault='undirected'><node id='a'/><node id='b'/>"
               "<edge source='a' target='b'/></graph></graphml>");
    const Connectome c = read_connectome(folder_ / "g.graphml");
    const Matrix expected{{0.0, 1.0}, {1.0, 0.0}};
    EXPECT_EQ(Matrix(c.weights), expected);
    EXPECT_EQ(c.regions[1].label, "b");
    EXPECT_THAT(c.notes, testing::ElementsAre("1 edges without weight count as 1"));
}

TEST_F(DamagedFile, OfGraphmlTakesNoLongerForManyKeysOfManyNodes) {
    std::string keys, nodes;
    for (int k = 0; k < 20000; ++k) {
        const std::string id = std::to_string(k);
        keys += "<key id='k" + id + "' for='all' attr.name='a" + id + "'/>";
        nodes += "<node id='n" + id + "'/>";
    }
    write_file(folder_ / "g.graphml",
               "<graphml>" + keys + "<key id='h' for='node' attr.name='hemisphere'>" +
                   "<default>left</default></key><key id='w' for='all' attr.name='weight'>" +
                   "<default>2.5</default></key><graph edgedefault='directed'>" + nodes +
                   "<edge source='n0' target='n1'/></graph></graphml>");
    const std::clock_t begin = std::clock();
    const Connectome c = read_connectome(folder_ / "g.graphml");
    constexpr double most_seconds = 5.0;  // a tenth of one; by all keys for each node, a minute
    EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, most_seconds);
    EXPECT_EQ(c.weights.coeff(1, 0), 2.5);
    EXPECT_EQ(c.regions[7].hemisphere, Hemisphere::left);
}

TEST_F(DamagedFile, ThatIsCompressedOrEncodedAnotherWaySaysHowToMakeItReadable) {
    expect_refused("w.txt", "\x1f\x8b\x08", HasSubstr("gzip; unpack it first"));
    expect_refused("w.txt", std::string("\xff\xfe\x31\x00", 4), HasSubstr("save it as UTF-8"));
    expect_refused("w.txt.bz2", "BZh91AY&SY", HasSubstr("cannot unpack bzip2: it ends too early"));
    expect_refused("w.txt.bz2", "0 1\n1 0\n", HasSubstr("cannot unpack bzip2: its bytes are"));
}

TEST_F(DamagedFile, IsRefusedWhereItIsAPipeOrADeviceWithoutEnd) {
    ASSERT_EQ(mkfifo((folder_ / "w.csv").c_str(), S_IRUSR | S_IWUSR), 0);
    for (const fs::path& path : {folder_ / "w.csv", fs::path("/dev/zero")})
        for (const auto& read : {std::function<void()>([&] { (void)read_connectome(path); }),
                                 std::function<void()>([&] { (void)read_file(path); })})
            EXPECT_THAT(read, testing::ThrowsMessage<ConfigError>(
                                  AllOf(HasSubstr("not a file"), HasSubstr(path.string()))));
}

TEST_F(DamagedFile, OfNodeIndicesIsRefusedUnlessEveryRowHasOneLabel) {
    const auto refused = [&](const std::string& rows, int line, const std::string& message) {
        write_file(folder_ / "s_nodeindices.tsv", "matrix_index\tlabel\n" + rows);
        write_file(folder_ / "s_relmat.tsv", "0\t1\n2\t0\n");
        try {
            (void)read_connectome(folder_ / "s_relmat.tsv");
            ADD_FAILURE() << message << " was read";
        } catch (const ConfigError& error) {
            EXPECT_THAT(error.what(), HasSubstr(message));
            EXPECT_EQ(error.where().line, line) << error.what();
        }
    };
    refused("0\ta\n0\tb\n", 3, "matrix_index 0 stands in two rows");
    refused("0\ta\n2\tb\n", 3, "no row has matrix_index 1");
    refused("0\ta\n-1\tb\n", 3, "matrix_index -1 is out of range");
    refused("0\ta\n1\n", 3, "expected 2 as in the header");
    refused("0\ta\n1\tb\n2\tc\n", 4, "3 regions, the weights have 2");
}

constexpr const char* make_packed = R"(
import h5py, numpy as np
n = 6000
ring = np.zeros((n, n), 'i1')
ring[np.arange(n), (np.arange(n) + 1) % n] = 1
with h5py.File('packed.h5', 'w') as f:
    f.create_dataset('weights', data=ring, compression='gzip', compression_opts=9)
with h5py.File('one_chunk.h5', 'w') as f:
    f.create_dataset('weights', data=ring, chunks=(n, n), compression='gzip', shuffle=True)
with h5py.File('bool.h5', 'w') as f:
    f.create_dataset('weights', data=ring[:4, :4] == 1)
with h5py.File('wide.h5', 'w') as f:
    f.create_dataset('weights', data=np.eye(2, 3, 1))
)";

TEST_F(DamagedFile, IsNoneThatOnlyPacksItsNumbersWell) {
    const std::string python = python_with("h5py");
    if (python.empty()) GTEST_SKIP() << "there is no Python with h5py here to make the files";
    ASSERT_TRUE(run_python(python, folder_, make_packed));
    for (const char* name : {"packed.h5", "one_chunk.h5"}) {
        const Connectome c = read_connectome(folder_ / name);
        EXPECT_EQ(c.size(), 6000) << name;
        EXPECT_EQ(c.weights.nonZeros(), 6000) << name;
        EXPECT_EQ(c.weights.coeff(0, 1), 1.0) << name;
        EXPECT_EQ(c.weights.coeff(5999, 0), 1.0) << name;
    }
    EXPECT_EQ(read_connectome(folder_ / "bool.h5").weights.nonZeros(), 3);
    expect_refused("wide.h5", read_file(folder_ / "wide.h5"), HasSubstr("the weights are 2 x 3"));
}

TEST_F(DamagedFile, IsToldFromOneThatTakesMoreMemoryThanItMay) {
    write_file(folder_ / "f", "");
    const auto refusal = [&](const std::function<void()>& work) -> std::string {
        try {
            try_apart(folder_ / "f", work);
        } catch (const ConfigError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(refusal([] { throw std::bad_alloc(); }), HasSubstr("more memory or time"));
    EXPECT_THAT(refusal([] { (void)raise(SIGXCPU); }), HasSubstr("more memory or time"));
    EXPECT_THAT(refusal([] { (void)raise(SIGSEGV); }), HasSubstr("its bytes are damaged"));
    EXPECT_EQ(refusal([] {}), "");
}

constexpr const char* make_archives = R"(
import zipfile, struct
def write(name, members, how=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(name, 'w', how) as f:
        for member, text in members: f.writestr(member, text)
write('empty.zip', [])
write('nested.zip', [('inner.zip', open('empty.zip', 'rb').read())])
write('paths.zip', [('../../weights.txt', '0 1\n1 0\n'), ('/etc/tract_lengths.txt', '0 3\n3 0\n')])
write('macos.zip', [('a/weights.txt', '0 1\n2 0\n'), ('a/._weights.txt', 'x'), ('__MACOSX/a/weights.txt', 'x')])
npy = b'\x93NUMPY\x01\x00\x46\x00' + b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }".ljust(69) + b'\n' + bytes(8)
write('scipy.npz', [(name + '.npy', npy) for name in ('indices', 'indptr', 'format', 'shape', 'data')])
write('windows.zip', [('a\\weights.txt', '0 1\n2 0\n')])
write('twice.zip', [('weights.txt', '0 1\n1 0\n'), ('weights.txt', '0 1\n1 0\n')])
write('one.zip', [('sc.txt', '0 1\n2 0\n')])
write('many.zip', [(str(k), '') for k in range(10001)])
write('lzma.zip', [('weights.txt', '0 1\n1 0\n')], zipfile.ZIP_LZMA)
write('missing.zip', [('tract_lengths.txt', '0 1\n1 0\n'), ('centres.txt', 'a 1 2 3\nb 4 5 6\n')])
write('lines.zip', [('weights.txt', '0 1\r2 0\r\n'), ('centres.txt', 'a 1 2 3\r\nb 4 5 6\n\r')])
write('sizes.zip', [('weights.txt', '0 1\n2 0\n'), ('centres.txt', 'a 1 2 3\n')])
write('header.zip', [('weights.txt', '0 1\n2 x\n')])
write('labels.zip', [('weights.txt', '0 1\n2 0\n'), ('hemispheres.txt', '0\n2\n')])
def lie(name, size):
    write(name, [('weights.txt', '0 1\n2 0\n')])
    bytes = bytearray(open(name, 'rb').read())
    at = bytes.index(b'PK\x01\x02') + 24
    bytes[at:at + 4] = struct.pack('<I', size)
    open(name, 'wb').write(bytes)
lie('bomb.zip', 0xFFFFFFF0)
lie('more.zip', 4)
lie('less.zip', 400)
)";

TEST_F(DamagedFile, OfZipNeitherUnpacksBombsNorFollowsPaths) {
    const std::string python = python_with("zipfile");
    if (python.empty()) GTEST_SKIP() << "there is no Python here to make the archives";
    ASSERT_TRUE(run_python(python, folder_, make_archives));
    const auto refused = [&](const std::string& name, const auto& message, int line = 0) {
        expect_refused(name, read_file(folder_ / name), message, line);
    };
    refused("bomb.zip", HasSubstr("unpacks to more than 300 times its bytes"));
    refused("many.zip", HasSubstr("10001 members; at most 10000 are read"));
    refused("twice.zip", HasSubstr("several arrays may be the weights"));
    refused("one.zip", HasSubstr("one.zip:sc.txt"));
    refused("lzma.zip", HasSubstr("Compression method not supported"));
    refused("empty.zip", HasSubstr("found nothing"));
    EXPECT_THAT([&] { (void)read_connectome(folder_ / "empty.zip:a"); },
                testing::ThrowsMessage<ConfigError>(HasSubstr("holds no array")));
    refused("scipy.npz", AllOf(HasSubstr("scipy.io.mmwrite"), Not(HasSubstr("name one"))));
    refused("nested.zip", HasSubstr("found nothing"));
    refused("more.zip", HasSubstr("cannot unpack"));
    refused("less.zip", HasSubstr("cannot unpack"));
    refused("missing.zip",
            AllOf(HasSubstr("expected an array called weights"), Not(HasSubstr("name one"))));
    refused("sizes.zip",
            AllOf(HasSubstr("1 regions, the weights have 2"), HasSubstr("sizes.zip:centres.txt")),
            1);
    refused("header.zip", HasSubstr("column 2, found \"x\""), 2);
    refused("labels.zip", HasSubstr("0 (left) or 1 (right), found \"2\""));
    const Connectome paths = read_connectome(folder_ / "paths.zip");
    EXPECT_EQ(paths.lengths_mm(0, 1), 3.0);
    for (const char* name : {"lines.zip", "macos.zip", "windows.zip", "one.zip:sc.txt"})
        EXPECT_EQ(Matrix(read_connectome(folder_ / name).weights), (Matrix{{0, 1}, {2, 0}}))
            << name;
    EXPECT_FALSE(fs::exists(folder_ / "../../weights.txt"));
}

}  // namespace
}  // namespace cortifold
