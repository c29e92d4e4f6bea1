#include "variational.hpp"

#include "ode/weighted_columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace cortifold {

namespace {

constexpr int most_steps = 100000;          ///< of a passage
constexpr double shortest_step = 1e-13;     ///< of its duration
constexpr double first_change = 0.1;        ///< of the states, in the first step that is tried
constexpr double longest_first_step = 0.1;  ///< of the duration
constexpr double safety = 0.9, most_shrinking = 0.2, most_growth = 5.0;
/// Columns that are followed together: with slopes of 540 states they fit into half a megabyte.
constexpr Eigen::Index block_width = EightColumns::ColsAtCompileTime;
/// |F_x| times the time of a transfer: none spans more than its exponential.
constexpr double longest_transfer = 5.0;
/// More states are followed by one transfer alone: more are too many for a periodic Schur form.
constexpr Eigen::Index most_cut = 100;

// Dormand & Prince 1989; Hairer, Norsett & Wanner 1993, section II.10.
constexpr int stages = 12;
using Weights = std::array<double, stages>;
constexpr std::array<Weights, stages> stage_weights{{
    {},
    {0.05260015195876773},
    {0.0197250569845379, 0.0591751709536137},
    {0.02958758547680685, 0.0, 0.08876275643042054},
    {0.2413651341592667, 0.0, -0.8845494793282861, 0.924834003261792},
    {0.037037037037037035, 0.0, 0.0, 0.17082860872947386, 0.12546768756682242},
    {0.037109375, 0.0, 0.0, 0.17025221101954405, 0.06021653898045596, -0.017578125},
    {0.03709200011850479, 0.0, 0.0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402,
     0.008273789163814023},
    {0.6241109587160757, 0.0, 0.0, -3.3608926294469414, -0.868219346841726, 27.59209969944671,
     20.154067550477894, -43.48988418106996},
    {0.47766253643826434, 0.0, 0.0, -2.4881146199716677, -0.590290826836843, 21.230051448181193,
     15.279233632882423, -33.28821096898486, -0.020331201708508627},
    {-0.9371424300859873, 0.0, 0.0, 5.186372428844064, 1.0914373489967295, -8.149787010746927,
     -18.52006565999696, 22.739487099350505, 2.4936055526796523, -3.0467644718982196},
    {2.273310147516538, 0.0, 0.0, -10.53449546673725, -2.0008720582248625, -17.9589318631188,
     27.94888452941996, -2.8589982771350235, -8.87285693353063, 12.360567175794303,
     0.6433927460157636},
}};
constexpr Weights end_weights{0.054293734116568765,
                              0.0,
                              0.0,
                              0.0,
                              0.0,
                              4.450312892752409,
                              1.8915178993145003,
                              -5.801203960010585,
                              0.3111643669578199,
                              -0.1521609496625161,
                              0.20136540080403034,
                              0.04471061572777259};
constexpr Weights fifth_order_error{0.01312004499419488,
                                    0.0,
                                    0.0,
                                    0.0,
                                    0.0,
                                    -1.2251564463762044,
                                    -0.4957589496572502,
                                    1.6643771824549864,
                                    -0.35032884874997366,
                                    0.3341791187130175,
                                    0.08192320648511571,
                                    -0.022355307863886294};
constexpr Weights third_order_error{-0.18980075407240762,
                                    0.0,
                                    0.0,
                                    0.0,
                                    0.0,
                                    4.450312892752409,
                                    1.8915178993145003,
                                    -5.801203960010585,
                                    -0.4226823213237919,
                                    -0.1521609496625161,
                                    0.20136540080403034,
                                    0.02265179219836082};
constexpr double share_of_third_order = 0.01;

/// F and its derivatives where a stage of a step is taken.
struct Stage {
    Vector x{}, f{};
    SplitJacobian f_x{};
    Matrix f_p{};
};

using Slopes = WeightedColumns<stages>;

/// What a thread needs for the columns it is at.
struct Workspace {
    std::array<EightColumns, stages> slopes{};
    EightColumns sum{};
    SplitJacobian::Scratch scratch{};
};

/// Errors of fifth and of third order, in units of the tolerance.
struct LocalError {
    double fifth = 0.0, third = 0.0;

    void widen(const LocalError& other) {
        fifth = std::max(fifth, other.fifth);
        third = std::max(third, other.third);
    }
    /// Both together; not finite where one of them is not.
    [[nodiscard]] double size() const {
        const double both = std::sqrt(fifth * fifth + share_of_third_order * third * third);
        return both > 0.0 ? fifth * fifth / both : both;
    }
};

/// Takes steps of the state, of directions that follow it, and of the change with the parameter,
/// the last column. Columns do not depend on one another: blocks of them go to the threads.
class Integrator {
public:
    Integrator(const VectorField& field, std::size_t parameter, ConstVectorRef p,
               const Sizes& sizes, double tolerance, int threads)
        : field_(field),
          p_(p),
          free_{parameter},
          sizes_(sizes),
          inverse_(sizes.states.cwiseInverse()),
          tolerance_(tolerance),
          workspaces_(static_cast<std::size_t>(threads)) {}

    Vector x;
    double divergence = 0.0;  ///< integrated along

    void start(ConstVectorRef at, ConstMatrixRef directions) {
        x = at;
        const Eigen::Index columns = directions.cols() + 1;
        blocks_.resize(static_cast<std::size_t>((columns + block_width - 1) / block_width));
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
            blocks_[b].y.setZero(x.size(), block_width);
            blocks_[b].next = blocks_[b].y;
        }
        last_column_ = (columns - 1) % block_width;
        set_directions(directions);
        for (Stage& stage : at_) {
            stage.x = stage.f = x;
            stage.f_p.resize(x.size(), 1);
        }
    }

    /// Leaves the change with the parameter as it is.
    void set_directions(ConstMatrixRef directions) {
        for (Eigen::Index j = 0; j < directions.cols(); ++j)
            blocks_[static_cast<std::size_t>(j / block_width)].y.col(j % block_width) =
                directions.col(j);
    }
    [[nodiscard]] Matrix directions() const {
        const auto width = static_cast<Eigen::Index>(blocks_.size()) * block_width;
        Matrix all(x.size(), width);
        for (std::size_t b = 0; b < blocks_.size(); ++b)
            all.middleCols<block_width>(static_cast<Eigen::Index>(b) * block_width) = blocks_[b].y;
        return all.leftCols(width - block_width + last_column_);
    }
    [[nodiscard]] Vector by_parameter() const { return blocks_.back().y.col(last_column_); }

    /// |F_x| in parts of the sizes at the last stage.
    [[nodiscard]] double stiffness() const {
        return (inverse_.asDiagonal() * at_.back().f_x.dense() * sizes_.states.asDiagonal()).norm();
    }

    /// All the way; `after` is called after each step, with its length, and may change directions.
    template <class After>
    Status run(double duration, const After& after) {
        if (!(duration > 0.0)) return Status::non_finite;
        linearize(at_.front(), x);
        double t = 0.0, h = std::min(first_step(), longest_first_step * duration);
        for (int k = 0; k < most_steps; ++k) {
            const bool last = t + h >= duration;
            const double step = last ? duration - t : h;
            const double error = try_step(step);
            h = step * (std::isfinite(error) ? growth(error) : most_shrinking);
            if (error <= 1.0) {
                after(step);
                if (last) return Status::converged;
                t += step;
                linearize(at_.front(), x);
            }
            if (!(h > shortest_step * duration))
                return std::isfinite(error) ? Status::step_too_small : Status::non_finite;
        }
        return Status::iteration_limit;
    }

private:
    struct Block {
        EightColumns y{}, next{};
        LocalError error{};
    };

    [[nodiscard]] double first_step() const {
        return first_change / at_.front().f.cwiseProduct(inverse_).cwiseAbs().maxCoeff();
    }
    static double growth(double error) {
        return std::clamp(safety * std::pow(error, -1.0 / 8.0), most_shrinking, most_growth);
    }

    void linearize(Stage& at, ConstVectorRef where) const {
        linearize_split(field_, where, p_, free_, at.f, at.f_x, at.f_p);
    }

    /// Returns the error in units of the tolerance, and where that is at most 1 goes there.
    double try_step(double h) {
        for (std::size_t i = 1; i < stages; ++i) {
            at_[i].x = x + h * slope(stage_weights[i]);
            linearize(at_[i], at_[i].x);
        }
        LocalError error{of_state(fifth_order_error, h), of_state(third_order_error, h)};
        if (!(error.size() <= 1.0)) return error.size();
        step_blocks(h);
        for (const Block& block : blocks_) error.widen(block.error);
        if (!(error.size() <= 1.0)) return error.size();
        const Vector end = x + h * slope(end_weights);
        if (!end.allFinite() || !std::ranges::all_of(blocks_, [](const Block& block) {
                return block.next.allFinite();
            }))
            return std::numeric_limits<double>::infinity();
        x = end;
        for (Block& block : blocks_) block.y.swap(block.next);
        for (std::size_t i = 0; i < stages; ++i)
            if (end_weights[i] != 0.0) divergence += h * end_weights[i] * at_[i].f_x.trace();
        return error.size();
    }

    [[nodiscard]] Vector slope(const Weights& weights) const {
        Vector sum = Vector::Zero(x.size());
        for (std::size_t j = 0; j < stages; ++j)
            if (weights[j] != 0.0) sum += weights[j] * at_[j].f;
        return sum;
    }
    [[nodiscard]] double of_state(const Weights& order, double h) const {
        return h * slope(order).cwiseProduct(inverse_).cwiseAbs().maxCoeff() / tolerance_;
    }

    /// The same for any number of threads.
    void step_blocks(double h) {
        const std::size_t count = blocks_.size(), threads = std::min(workspaces_.size(), count);
#pragma omp parallel for num_threads(static_cast <int>(threads)) \
    schedule(static, 1) if (threads > 1)
        for (std::size_t thread = 0; thread < threads; ++thread)
            for (std::size_t b = thread; b < count; b += threads)
                step_block(blocks_[b], b + 1 == count, h, workspaces_[thread]);
    }

    void step_block(Block& block, bool is_last, double h, Workspace& work) const {
        work.sum.resizeLike(block.y);
        for (std::size_t i = 0; i < stages; ++i) {
            Slopes(work.slopes, stage_weights[i], h).advance(block.y, work.sum);
            at_[i].f_x.apply(work.sum, work.slopes[i], work.scratch);
            if (is_last) work.slopes[i].col(last_column_) += sizes_.parameter * at_[i].f_p;
        }
        Slopes(work.slopes, end_weights, h).advance(block.y, block.next);
        block.error = of_changes(block.y, {work.slopes, fifth_order_error, h},
                                 {work.slopes, third_order_error, h});
    }

    /// In parts of the states' sizes, or of the changes' own where these are larger.
    [[nodiscard]] LocalError of_changes(const EightColumns& y, const Slopes& fifth,
                                        const Slopes& third) const {
        EightRow sizes = EightRow::Ones(), fifths = EightRow::Zero(), thirds = EightRow::Zero();
        for (Eigen::Index row = 0; row < y.rows(); ++row) {
            EightRow in_fifth = EightRow::Zero(), in_third = EightRow::Zero();
            fifth.add(row, in_fifth);
            third.add(row, in_third);
            sizes = sizes.max(inverse_[row] * y.row(row).array().abs());
            fifths = fifths.max(inverse_[row] * in_fifth.abs());
            thirds = thirds.max(inverse_[row] * in_third.abs());
        }
        return {(fifths / sizes).maxCoeff() / tolerance_, (thirds / sizes).maxCoeff() / tolerance_};
    }

    const VectorField& field_;
    Vector p_;
    std::array<std::size_t, 1> free_;
    const Sizes& sizes_;
    Vector inverse_;
    double tolerance_;
    std::array<Stage, stages> at_;
    std::vector<Block> blocks_;
    Eigen::Index last_column_ = 0;  ///< of the last block: the change with the parameter
    std::vector<Workspace> workspaces_;
};

void widen(Passage& passage, ConstVectorRef x) {
    passage.minimum = passage.minimum.cwiseMin(x);
    passage.maximum = passage.maximum.cwiseMax(x);
}

void finish(Passage& passage, const Integrator& integrator, const Sizes& sizes) {
    passage.end = integrator.x;
    passage.by_parameter = integrator.by_parameter() / sizes.parameter;
}

}  // namespace

Passage VariationalFlow::follow(ConstVectorRef x, ConstVectorRef p, double duration,
                                const Sizes& sizes, ConstMatrixRef directions) const {
    Integrator integrator(field_, parameter_, p, sizes, tolerance_, threads_);
    integrator.start(x, sizes.states.asDiagonal() * directions);
    Passage passage{.minimum = x, .maximum = x};
    passage.status = integrator.run(duration, [&](double) { widen(passage, integrator.x); });
    finish(passage, integrator, sizes);
    passage.changes = sizes.states.cwiseInverse().asDiagonal() * integrator.directions();
    return passage;
}

Passage VariationalFlow::follow_all(ConstVectorRef x, ConstVectorRef p, double duration,
                                    const Sizes& sizes) const {
    const Eigen::Index n = x.size();
    const Matrix all = sizes.states.asDiagonal();
    Integrator integrator(field_, parameter_, p, sizes, tolerance_, threads_);
    integrator.start(x, all);
    Passage passage{.changes = Matrix::Identity(n, n), .minimum = x, .maximum = x};
    double stretch = 0.0, since_cut = 0.0;
    Vector flow(n);
    const auto cut = [&] {
        passage.transfers.push_back(sizes.states.cwiseInverse().asDiagonal() *
                                    integrator.directions());
        const bool first = passage.transfers.size() == 1;
        passage.changes =
            first ? passage.transfers.back() : Matrix(passage.transfers.back() * passage.changes);
        integrator.set_directions(all);
        field_.rhs(integrator.x, p, flow);
        passage.flows.push_back(flow.cwiseQuotient(sizes.states));
        passage.durations.push_back(since_cut);
        stretch = since_cut = 0.0;
    };
    passage.status = integrator.run(duration, [&](double step) {
        widen(passage, integrator.x);
        since_cut += step;
        if (n > most_cut) return;
        stretch += step * integrator.stiffness();
        if (stretch > longest_transfer) cut();
    });
    if (since_cut > 0.0) cut();
    finish(passage, integrator, sizes);
    passage.divergence = integrator.divergence;
    return passage;
}

}  // namespace cortifold
