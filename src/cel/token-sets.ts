/** Which tokens a rule of the grammar begins with, and which may follow it where it is called. */
import { FOLLOW, type TokenSet } from './parse-state.ts';
import { EOF, T } from './tokens.ts';

const set = (...types: number[]): TokenSet => new Set(types);
const LITERALS = [T.true, T.false, T.null, T.float, T.int, T.uint, T.string, T.bytes];
export const MEMBER_FIRST = set(T.leftBracket, T.leftBrace, T.leftParen, T.dot, T.minus, ...LITERALS, T.identifier);
export const EXPR_FIRST = set(...MEMBER_FIRST, T.not);
export const ARGS_FIRST = set(...EXPR_FIRST, T.rightParen);
export const OPTIONAL_EXPR_FIRST = set(...EXPR_FIRST, T.question);
export const FIELD_FIRST = set(T.question, T.identifier, T.escapedIdentifier);
export const NAME_FIRST = set(T.identifier, T.escapedIdentifier);
export const RELATIONS = set(T.equals, T.notEquals, T.in, T.less, T.lessEquals, T.greaterEquals, T.greater);
export const CALCULATIONS = set(T.star, T.slash, T.percent, T.plus, T.minus);
export const PRODUCTS = set(T.star, T.slash, T.percent);

export const END = set(EOF);
export const NOTHING = set(FOLLOW);
export const AFTER_CONDITION = set(T.question, FOLLOW);
export const COLON = set(T.colon);
export const AFTER_AND = set(T.or, FOLLOW);
export const AFTER_RELATION = set(T.and, FOLLOW);
export const AFTER_CALC = set(...RELATIONS, FOLLOW);
export const AFTER_UNARY = set(...CALCULATIONS, FOLLOW);
export const AFTER_PRIMARY = set(T.dot, T.leftBracket, FOLLOW);
export const AFTER_INDEX = set(T.rightBracket);
export const AFTER_ARGS = set(T.rightParen);
export const AFTER_ELEMENT = set(T.comma, FOLLOW);
export const LIST_END = set(T.comma, T.rightBracket);
export const BRACE_END = set(T.comma, T.rightBrace);
export const END_OF_LIST = set(T.comma, T.rightBracket);
export const END_OF_BRACE = set(T.comma, T.rightBrace);
export const LIST_FIRST = set(...OPTIONAL_EXPR_FIRST, ...END_OF_LIST);
export const MAP_FIRST = set(...OPTIONAL_EXPR_FIRST, ...END_OF_BRACE);
export const FIELDS_FIRST = set(...FIELD_FIRST, ...END_OF_BRACE);
/** What an expression may consist of alone, and what then ends it. */
export const SIMPLE = set(...LITERALS, T.identifier);
export const ENDS = set(T.comma, T.rightBracket, T.rightParen, T.rightBrace, T.colon, EOF);
