import { readFileSync } from "node:fs"
// The imports are paths on disk, or inside the compiled executable.
import korean from "@expo-google-fonts/nanum-gothic/400Regular/NanumGothic_400Regular.ttf" with {
  type: "file",
}
import regular from "@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf" with { type: "file" }
import bold from "@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf" with { type: "file" }
import code from "@expo-google-fonts/noto-sans-mono/400Regular/NotoSansMono_400Regular.ttf" with {
  type: "file",
}
import chinese from "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf" with {
  type: "file",
}

const paths = { regular, bold, code, chinese, korean }
type FontName = keyof typeof paths

/** How a text looks; the fonts to take its characters from, in order. */
const styles = {
  regular: ["regular", "chinese", "korean", "code"],
  bold: ["bold", "chinese", "korean", "code"],
  code: ["code", "chinese", "korean", "regular"],
} as const satisfies Record<string, ReadonlyArray<FontName>>
export type FontStyle = keyof typeof styles

/** A part of a text whose characters are all in one font. */
export interface Run {
  readonly text: string
  readonly font: FontName
}

/** The parsed font that pdfkit writes text with; its types leave it out. */
interface WithParsedFont {
  readonly _font: { readonly font: { readonly hasGlyphForCodePoint: (codePoint: number) => boolean } }
}

/** Controls, and characters that only modify others and have no glyph of their own. */
const invisible = /[\p{Cc}\p{Cf}\p{Variation_Selector}]/gu

/**
 * Adds the fonts to a document: Latin, Cyrillic and Greek, code, Chinese and Japanese, Korean. Each is read
 * only when a character needs it. pdfkit's own fonts are files that a compiled executable does not have.
 */
export const addFonts = (document: PDFKit.PDFDocument) => {
  const open = (name: FontName) => {
    document.registerFont(name, readFileSync(paths[name])).font(name)
    return (document as unknown as WithParsedFont)._font.font
  }
  const opened = new Map<FontName, ReturnType<typeof open>>()
  const hasGlyph = (name: FontName, codePoint: number) => {
    const font = opened.get(name) ?? open(name)
    opened.set(name, font)
    return font.hasGlyphForCodePoint(codePoint)
  }
  const known = new Map<string, FontName>()

  const fontOf = (character: string, style: FontStyle): FontName => {
    const key = style + character
    const cached = known.get(key)
    if (cached !== undefined) return cached
    const codePoint = character.codePointAt(0) ?? 0
    const font = styles[style].find((name) => hasGlyph(name, codePoint)) ?? styles[style][0]
    known.set(key, font)
    return font
  }

  /** Splits a text by font. A character that no font has is shown as a box. */
  return (text: string, style: FontStyle): ReadonlyArray<Run> => {
    const runs: Array<{ text: string; font: FontName }> = []
    for (const character of text.normalize("NFC").replace(invisible, "")) {
      const font = fontOf(character, style)
      const last = runs.at(-1)
      if (last?.font === font) last.text += character
      else runs.push({ text: character, font })
    }
    return runs
  }
}

export type SplitByFont = ReturnType<typeof addFonts>
