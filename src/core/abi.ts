/**
 * The contract between the program compiler (TypeScript) and the two cores (AssemblyScript and plain TypeScript).
 *
 * This file is compiled by both asc and tsc: plain numeric constants, no types, no imports.
 *
 * A **program** is an array of fixed-size records in linear memory. All fields are little-endian 32-bit words:
 *
 * ```
 *  byte   0       4    8   12  16  20    24       28     32         36       40       44    48     52      56     60
 *       ┌────────┬────┬───┬───┬───┬─────┬────────┬──────┬──────────┬────────┬────────┬─────┬──────┬───────┬──────┬──────┐
 *       │ opcode │ out│ a │ b │ c │ rows│ columns│ inner│ outStride│ aStride│ bStride│ kind│ scale│ scale2│ index│   d  │
 *       └────────┴────┴───┴───┴───┴─────┴────────┴──────┴──────────┴────────┴────────┴─────┴──────┴───────┴──────┴──────┘
 *         i32     byte addresses       i32 counts          floats between rows        i32   f32    f32     u32   address
 * ```
 *
 * **Matrices** are row-major f32 with a row stride that is a multiple of 4 floats and a 16-byte aligned address.
 * The floats between `columns` and the stride are padding. Padding of parameters, gradients and deltas is zero and
 * every kernel keeps it so; padding of activations is finite but otherwise unspecified and never read as data.
 *
 * **Lists of nonzeros** stand in for a matrix that is mostly zero. A table has one row per row of the matrix, with three
 * addresses (u32): where its list begins and ends, and where in it the second half of the columns begins (the larger one is
 * the first). A list is pairs of column (u32) and value (f32), the columns ascending, filled up to an even number of pairs
 * with its last column and 0.
 *
 * **Sequences** are matrices whose rows are ordered by time first: row t·B + i belongs to step t of example i of a batch of B.
 * **Gates** are blocks of columns, each padded to whole vectors of its own, so that a row of G gates of H units has a stride of
 * G · H rounded up; as operands of a product such rows are taken with their padding, which is zero.
 * **Lengths** are one u32 per example, in rows of one column. From step `length` on, an example's steps are padding.
 *
 * **The one rule of sums**: start from the value already there (bias, zero) and add in ascending index order, one
 * rounded product and one rounded sum at a time. Then every tile, packing and engine gives the same bits.
 */

/** Bytes of one instruction record. */
export const RECORD_BYTES = 128;

export const FIELD_OPCODE = 0;
export const FIELD_OUT = 4;
export const FIELD_A = 8;
export const FIELD_B = 12;
export const FIELD_C = 16;
export const FIELD_ROWS = 20;
export const FIELD_COLUMNS = 24;
export const FIELD_INNER = 28;
export const FIELD_OUT_STRIDE = 32;
export const FIELD_A_STRIDE = 36;
export const FIELD_B_STRIDE = 40;
export const FIELD_KIND = 44;
export const FIELD_SCALE = 48;
export const FIELD_SCALE2 = 52;
export const FIELD_INDEX = 56;
export const FIELD_D = 60;

// The second half of a record says how to cut it into parts for several threads; all 0 when it is for one thread.

/** Rows and columns of a part, the last one of each having what remains. */
export const FIELD_PART_ROWS = 64;
export const FIELD_PART_COLUMNS = 68;
/** Bytes by which the address of an operand moves per row and per column that a part starts further on. */
export const FIELD_OUT_ROW_STEP = 72;
export const FIELD_OUT_COLUMN_STEP = 76;
export const FIELD_A_ROW_STEP = 80;
export const FIELD_A_COLUMN_STEP = 84;
export const FIELD_B_ROW_STEP = 88;
export const FIELD_B_COLUMN_STEP = 92;
export const FIELD_C_ROW_STEP = 96;
export const FIELD_C_COLUMN_STEP = 100;
export const FIELD_D_ROW_STEP = 104;
/** In the copy of a record that is a part: the first of its rows, and the rows of the whole; 0 in records. */
export const FIELD_FIRST_ROW = 108;
export const FIELD_WHOLE_ROWS = 112;
/**
 * Parts are counted line by line: how many lines, of how many parts each, and whether those of a line are side by side (1) or one below
 * the other (0). Parts of one line that follow each other can be executed as one.
 */
export const FIELD_LINES = 116;
export const FIELD_LINE_PARTS = 120;
export const FIELD_SIDE_BY_SIDE = 124;

/** Every region of the arena starts at a multiple of this many bytes. */
export const ALIGNMENT = 64;

/** Floats in one SIMD vector; row strides are multiples of it. */
export const LANES = 4;

// ── The state block: the registers that change from step to step, all f64, at the address handed to `run` ──

/** Index into `order` of the first example of the next mini-batch. */
export const STATE_CURSOR = 0;
/** t: updates made so far by the current optimizer. */
export const STATE_STEP = 8;
/** Sum over examples of the cost per example since the host last cleared it. */
export const STATE_COST = 16;
/** Examples counted in STATE_COST. */
export const STATE_EXAMPLES = 24;
/** Examples among them whose prediction was right. */
export const STATE_CORRECT = 32;
/** Learning rate η. */
export const STATE_LEARNING_RATE = 40;
/** Momentum coefficient μ. */
export const STATE_MOMENTUM = 48;
/** Adam's β₁ and β₂. */
export const STATE_BETA1 = 56;
export const STATE_BETA2 = 64;
/** Adam's ε. */
export const STATE_EPSILON = 72;
/** β₁ᵗ and β₂ᵗ, kept as running products so that no core needs a power function. */
export const STATE_BETA1_POWER = 80;
export const STATE_BETA2_POWER = 88;
/** Epochs begun over the life of the network: the substream of the shuffle. */
export const STATE_EPOCH = 96;
/** Epochs in the log since the host last cleared it. */
export const STATE_LOGGED = 104;
/** Why the last run ended early: one of STOP_*; 0 when it did not. */
export const STATE_STOP = 128;
/** Updates over the life of the network: dropout draws its masks by it. */
export const STATE_UPDATES = 136;
/** Largest |x| in the features that training programs are given. */
export const STATE_INPUT_BOUND = 144;
/** RMSprop's ρ and AdamW's decay λ. */
export const STATE_RHO = 152;
export const STATE_WEIGHT_DECAY = 160;
/** Factors of the penalties ½ l₂ Σ w² and l₁ Σ |w|. */
export const STATE_L1 = 168;
export const STATE_L2 = 176;
/** Largest |g| of one derivative and largest ‖g‖ of all together. */
export const STATE_CLIP_VALUE = 184;
export const STATE_CLIP_NORM = 192;
/** Σ g² so far. */
export const STATE_SQUARES = 200;
/** Bytes of the state block. */
export const STATE_BYTES = 256;

/** Values of STATE_STOP. */
export const STOP_COST = 1;
export const STOP_GRADIENT = 2;

/** Bytes directly behind the state block where a core packs panels of matrices; more than assembly/gemm/tiles.ts needs fails its build. */
export const SCRATCH_BYTES = 186368;
/** Terms, at most, of a product of which a thread keeps the left operand packed from part to part. */
export const KEPT_TERMS = 1024;
/** Bytes behind the scratch of each of several threads where it keeps that. */
export const KEPT_BYTES = 614400;

// ── The team block, shared by the threads that work on one program (assembly/threads.ts); words on cache lines of their own ──

/** Of the queue of parts of the present instruction, what is left: first, and end (16 bits each); above them the number of the instruction. */
export const TEAM_LEFT = 0;
export const TEAM_GENERATION = 4;
/** Parts of it that are not done. */
export const TEAM_PENDING = 64;
/** What the parts are parts of: state block and record. */
export const TEAM_STATE = 128;
export const TEAM_RECORD = 132;
/** Parts of a line, see FIELD_LINE_PARTS, and all parts. */
export const TEAM_LINE = 136;
export const TEAM_PARTS = 140;
/** 1 where the leader may sleep; the thread of a page may not. */
export const TEAM_MAY_WAIT = 144;
/** 1 when a helper took a part and never finished it. */
export const TEAM_LOST = 148;
/** Helpers asleep. */
export const TEAM_SLEEPERS = 192;
/** 1 while the leader sleeps. */
export const TEAM_WAITING = 256;
/** The leader's copy of the record, with the addresses of its part, and its scratch with what it keeps. */
export const TEAM_RECORD_COPY = 320;
export const TEAM_SCRATCH = 448;
/** Bytes of the team block. */
export const TEAM_BYTES = 801216;

/** A helper's slot: whether a helper is there (i32), its copy of the record, its scratch with what it keeps. */
export const SLOT_RECORD = 64;
export const SLOT_SCRATCH = 192;
export const SLOT_BYTES = 800960;
/** Nobody uses the slot. */
export const SLOT_FREE = 0;
/** A helper is on its way or there. */
export const SLOT_ATTACHED = 1;
/** The helper is to leave; when it has left, the slot is free. */
export const SLOT_LEAVE = 2;

// ── Opcodes. Σ always ascends; [m, n] are matrices of m rows and n columns ──

/** out[rows, columns] = a[order[cursor + i], :], order (u32) at b; in this and the next two, kind says where in order to begin. */
export const OP_GATHER_ROWS = 1;
/** out[rows, columns] as OP_GATHER_ROWS, a = unsigned bytes, rows aStride words of 4 bytes apart. Padding of out becomes finite. */
export const OP_GATHER_BYTES = 27;
/** out[rows, columns] = one-hot rows of the labels (u32) a[order[cursor + i]], order (u32) at b. */
export const OP_GATHER_LABELS = 2;
/** out[rows, columns] = start + Σₖ op(a)[·, k] op(b)[k, ·], k < inner; start = row c, 0 when c is 0, out when c is out; layout in kind. Where d is not 0, a packed by `packLeft` is there. */
export const OP_MATMUL = 3;
/** out[columns] = start + Σ over rows of a[rows, columns]; start = 0 when c is 0, out when c is out. */
export const OP_COLUMN_SUMS = 4;
/** out = f(a), elementwise over rows × stride; f in kind. out may be a. */
export const OP_ACTIVATE = 5;
/** out = a ⊙ f′, elementwise; a = dC/da, b = what f′ is computed from (output or pre-activation). out may be a. */
export const OP_ACTIVATE_GRADIENT = 6;
/** out[rows, columns] = softmax of each row of a. out may be a. */
export const OP_SOFTMAX = 7;
/** out = δ of a softmax: outⱼ = sⱼ (gⱼ − Σᵢ gᵢ sᵢ), g = dC/da at a, s = softmax output at b. out may be a. */
export const OP_SOFTMAX_GRADIENT = 8;
/** a = outputs, b = targets: c[rows] = scale2 · cost of each example, out = scale · dcost/da; cost in kind. */
export const OP_LOSS = 9;
/** a = pre-activations z, b = targets y: c[i] = Σ y (ln Σ eᶻ − z), out = δ = scale · (softmax(z) Σy − y). */
export const OP_SOFTMAX_CROSS_ENTROPY = 10;
/** a = pre-activations z, b = targets y: c[i] = Σ max(z, 0) − z y + ln(1 + e^−|z|), out = δ = scale · (σ(z) − y). */
export const OP_SIGMOID_CROSS_ENTROPY = 11;
/** STATE_COST += Σ a[rows], STATE_EXAMPLES += rows; when kind = 1 and a cost is not finite, the run ends before the update (STOP_COST). */
export const OP_ADD_COST = 12;
/** STATE_CORRECT += rows whose prediction a matches target b: same argmax, or for one column (a ≥ scale) = (b ≥ ½). */
export const OP_COUNT_CORRECT = 13;
/** STATE_STEP and STATE_UPDATES += 1, β powers advance, STATE_CURSOR += rows: once per step, before the updates. */
export const OP_NEXT_STEP = 14;
/** out[rows, columns] as of OP_MATMUL, kind NN or TN, over the nonzeros of a alone; a = the table of their lists. In TN c is 0 or out. */
export const OP_SPARSE_MATMUL = 26;
/** out = −η a over rows × stride floats: turns δ of the output into the step to take. out may be a. */
export const OP_SCALE_BY_RATE = 22;
/** out −= η a over columns floats (p −= η g). */
export const OP_SGD = 15;
/** b = μ b + a, moments flushed to 0 before they become subnormal (so too below); out −= η b. */
export const OP_MOMENTUM = 16;
/** b = μ b + a; out −= η (a + μ b). */
export const OP_NESTEROV = 17;
/** b = β₁ b + (1−β₁) a; c = β₂ c + (1−β₂) a²; out −= (η/(1−β₁ᵗ)) b / (√c · 1/√(1−β₂ᵗ) + ε). */
export const OP_ADAM = 18;
/** out[rows, columns] = uniform numbers in [scale, scale2) from stream kind, substream index. */
export const OP_RANDOM_UNIFORM = 19;
/** out[rows, columns] = normal numbers of mean scale and standard deviation scale2 from stream kind, substream index. */
export const OP_RANDOM_NORMAL = 20;
/** out[rows] (u32) = a random permutation of 0 … rows−1 from stream kind, substream STATE_EPOCH. */
export const OP_SHUFFLE = 21;

/** STATE_EPOCH += 1; cursor and cost registers become 0. */
export const OP_BEGIN_EPOCH = 23;
/** Executes the next columns records rows times, then goes on behind them. Not nested. */
export const OP_REPEAT = 24;
/** Writes STATE_COST and STATE_CORRECT (f64 each) to entry STATE_LOGGED of the log at out; STATE_LOGGED += 1. */
export const OP_END_EPOCH = 25;
/** Bytes of a log entry. */
export const LOG_ENTRY_BYTES = 16;
/** STATE_LEARNING_RATE = a[STATE_STEP mod columns], a ring of columns rates (f64): at the start of a step, under a schedule. */
export const OP_NEXT_RATE = 45;

/** out[rows, columns] = (a − b) ⊙ c, b and c one row each for all rows of a: normalised features. out may be a. */
export const OP_NORMALIZE = 40;

// ── Training beyond the plain step. Ranges are columns floats long ──

/** b = ρ b + (1−ρ) a²; out −= η a / (√b + ε). */
export const OP_RMSPROP = 30;
/** b = b + a²; out −= η a / (√b + ε). */
export const OP_ADAGRAD = 31;
/** out = (1 − η λ) out, then as OP_ADAM. */
export const OP_ADAMW = 32;
/** STATE_COST += n (½ l₂ Σ a² + l₁ Σ |a|), n = rows, or the valid steps of a batch where d is; out += l₂ a + l₁ sign a, sign 0 = 0. */
export const OP_PENALTY = 33;
/** Ends the run (STOP_GRADIENT) unless rows · max |a| · max(1, max |b|) ≤ scale; with kind = 1, STATE_INPUT_BOUND stands for max |b|. */
export const OP_CHECK_BOUND = 34;
/** out = out, at most STATE_CLIP_VALUE and at least its negative. */
export const OP_CLIP_VALUE = 35;
/** STATE_SQUARES = start + Σ a²; start = 0, or STATE_SQUARES when kind = 1. */
export const OP_ADD_SQUARES = 36;
/** out *= min(1, STATE_CLIP_NORM / √STATE_SQUARES). */
export const OP_CLIP_NORM = 37;
/** out = scale · c where the random word of an element is ≥ inner and 0 elsewhere, rows of c aStride apart; stream kind, substream index, STATE_UPDATES. out may be c. */
export const OP_DROPOUT = 38;
/** Row i of out[rows, columns] and c[i] times the weight in column 0 of a[rows]. */
export const OP_WEIGHT_ROWS = 39;

// ── Sequences (see the head of this file): B = rows examples, T = inner steps; d = lengths of the examples ──

/** out (u32)[rows · inner] = the rows of a data set that hold the steps of the next examples: inner · order[cursor + i] + t at t · rows + i. */
export const OP_ORDER_STEPS = 50;
/** out[rows, columns] = a[rows, columns], zeros where a is 0. Padding of out is left alone. */
export const OP_COPY = 51;
/** out[rows, columns] = a where the row's word (u32) at d is 0, and elsewhere b, zeros where b is 0. */
export const OP_SELECT_ROWS = 52;
/** out[inner · rows, columns] = a with the valid steps of each example in reverse order; steps of padding stay where they are. */
export const OP_REVERSE_STEPS = 53;
/** out[columns, rows] = a[rows, columns]ᵀ; padding of out becomes zero. */
export const OP_TRANSPOSE = 54;
/** out[inner · rows, columns] = out · 1/n in valid steps and 0 in padding, n = valid steps of the batch, or rows when kind is STEPS_SUM. */
export const OP_MASK_STEPS = 55;
/** STATE_COST += Σ a[inner · rows] over valid steps, STATE_EXAMPLES += n as in OP_MASK_STEPS; stops as OP_ADD_COST where scale is 1. */
export const OP_ADD_STEP_COSTS = 56;
/** STATE_CORRECT += right predictions among the valid steps, otherwise as OP_COUNT_CORRECT. */
export const OP_COUNT_CORRECT_STEPS = 57;

/** out += a, elementwise over rows × stride. */
export const OP_ADD = 58;
/** out = a[rows, columns] in panels, as MATMUL_PANELS reads b; it takes rows × columns floats, columns rounded up to whole vectors. */
export const OP_PACK = 59;

// In these, step by step: products with the recurrent weights, then one pass over the rows of the step. Rows of padding carry the
// state on. out[inner · rows, …] holds the pre-activations' part from below, a the state before the first step, followed by those
// after each step; their weights b = Whᵀ forwards, and Wh backwards, where a is dC/dh of every step from above (overwritten).
// index says how b lies, MATMUL_NN or MATMUL_PANELS; in OP_GRU_BEFORE, which takes it in parts, always MATMUL_NN.

/** out = hₜ = f(out + hₜ₋₁ Whᵀ); a directly before out; f = ACTIVATION_TANH or ACTIVATION_RELU in kind. */
export const OP_RNN = 60;
/** out = δₜ = (out + δₜ₊₁ Wh) ⊙ f′(hₜ), out holds dC/dhₜ from above, a = hₜ. */
export const OP_RNN_GRADIENT = 61;
/** out = gates [i f g o] = σ, σ, tanh, σ of (out + hₜ₋₁ Whᵀ); cₜ = f cₜ₋₁ + i g; hₜ = o tanh cₜ. c: rows [cₜ₋₁ | tanh cₜ], T + 1 times B of them. */
export const OP_LSTM = 62;
/** out: gates become δ of their pre-activations. c as OP_LSTM left it; its tanh cₜ become dC/dcₜ₋₁. */
export const OP_LSTM_GRADIENT = 63;
/** out = gates [r z n] = σ, σ, tanh of (out + u), uₜ = c + hₜ₋₁ Whᵀ, that of n times r; hₜ = (1−z) n + z hₜ₋₁. c becomes [u | hₜ₋₁ − n | u]. */
export const OP_GRU = 64;
/** out: gates become δ of their pre-activations, c: those of u. */
export const OP_GRU_GRADIENT = 65;
/** As OP_GRU, but n = tanh(out + (r hₜ₋₁) Whᵀ) and no second bias. c: rows [r hₜ₋₁ | hₜ₋₁ | –]. */
export const OP_GRU_BEFORE = 66;
/** out: gates become δ of their pre-activations. */
export const OP_GRU_BEFORE_GRADIENT = 67;

// ── kind of the gather instructions ──

/** Begin at STATE_CURSOR. */
export const GATHER_AT_CURSOR = 0;
/** Begin with the first entry. */
export const GATHER_FROM_START = 1;

// ── kind of OP_MASK_STEPS and OP_ADD_STEP_COSTS ──

/** The cost of a batch is the mean over all its valid steps. */
export const STEPS_MEAN = 0;
/** The cost of a batch is the sum over the valid steps of an example, then the mean over the examples. */
export const STEPS_SUM = 1;

// ── kind of OP_MATMUL ──

/** out[m, n] = a[m, k] b[k, n]: the forward pass, Z = X Wᵀ with Wᵀ stored [inputs, outputs]. */
export const MATMUL_NN = 0;
/** out[m, n] = a[m, k] b[n, k]ᵀ: the backward pass. */
export const MATMUL_NT = 1;
/** out[m, n] = a[k, m]ᵀ b[k, n]: the weight gradient. */
export const MATMUL_TN = 2;
/**
 * As MATMUL_NN, b as OP_PACK leaves it: PANEL_ROWS of its rows after the other, of them PANEL_COLUMNS columns after the other, 4 where
 * fewer are left; the rows of such a panel follow each other without a gap.
 */
export const MATMUL_PANELS = 3;
export const PANEL_ROWS = 256;
export const PANEL_COLUMNS = 8;
/** Rows of a that a product packs at once; panels of b are packed anew for each such block. */
export const BLOCK_ROWS = 150;
/** Products with no more rows or columns than these read b in panels no faster than as it is. */
export const UNPACKED_ROWS = 16;
export const UNPACKED_COLUMNS = 64;

// ── kind of OP_ACTIVATE and OP_ACTIVATE_GRADIENT; in brackets what the gradient reads at b ──

/** σ(z) = 1/(1+e⁻ᶻ), σ′ = a (1−a)   [output] */
export const ACTIVATION_SIGMOID = 1;
/** tanh z, 1 − a²   [output] */
export const ACTIVATION_TANH = 2;
/** max(z, 0), 1 where a > 0 and 0 elsewhere   [output] */
export const ACTIVATION_RELU = 3;
/** z where z > 0 and 0.01 z elsewhere; 1 or 0.01   [output] */
export const ACTIVATION_LEAKY_RELU = 4;
/** z where z > 0 and eᶻ − 1 elsewhere; 1 or a + 1   [output] */
export const ACTIVATION_ELU = 5;
/** ln(1+eᶻ), σ(z)   [pre-activation] */
export const ACTIVATION_SOFTPLUS = 6;
/** z Φ(z) with the error function, Φ(z) + z φ(z)   [pre-activation] */
export const ACTIVATION_GELU = 7;
/** ½ z (1 + tanh(√(2/π) (z + 0.044715 z³)))   [pre-activation] */
export const ACTIVATION_GELU_TANH = 8;
/** z σ(z), σ(z) (1 + z (1 − σ(z)))   [pre-activation] */
export const ACTIVATION_SILU = 9;

// ── kind of OP_LOSS; e = a − y ──

/** cost Σ e², derivative e (the factor 2 is in scale) */
export const LOSS_SQUARED = 1;
/** cost Σ |e|, derivative sign e, 0 at 0 */
export const LOSS_ABSOLUTE = 2;
/** cost Σ ½e² where |e| ≤ 1 and |e| − ½ elsewhere, derivative e clamped to ±1 */
export const LOSS_HUBER = 3;

// ── kind of the random instructions: one stream per purpose, so that adding one never changes another.
//    Their a and b are the low and high 32 bits of the seed, index numbers the substream (a parameter). ──

export const STREAM_INITIALISE = 1;
export const STREAM_SHUFFLE = 2;
export const STREAM_DROPOUT = 3;
export const STREAM_SAMPLE = 50;
/** Used by the library alone, to split data sets. */
export const STREAM_SPLIT = 40;
