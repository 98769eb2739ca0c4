/** What a page looks like to people, computed: the contrast of its text, and where the keyboard leads. */

/**
 * The lowest contrast of text and ground (WCAG 2.2) that is visible in a page or frame, with the text, and that of the
 * borders of controls. Disabled controls are exempt, as there.
 */
export function contrasts(page) {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], [R, G, B]) => [
      r * a + R * (1 - a),
      g * a + G * (1 - a),
      b * a + B * (1 - a),
      1,
    ];
    const groundOf = (element) => {
      if (!element) return rgba("white");
      const own = rgba(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
    };
    const luminance = (color) => {
      const [r, g, b] = color.map((n) =>
        n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (a, b) => {
      const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
      return (light + 0.05) / (dark + 0.05);
    };
    const worst = { text: [21, ""], edge: [21, ""], texts: 0 };
    for (const element of document.body.querySelectorAll("*")) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(":disabled, .for-ears"))
        continue;
      const ground = groundOf(element);
      const style = getComputedStyle(element);
      const text = [...element.childNodes]
        .filter((node) => node.nodeType === 3)
        .map((node) => node.data.trim());
      const said =
        text.join("") ||
        (element.matches("input:not([type=radio], [type=checkbox]), select") ? element.value : "");
      if (said) {
        worst.texts++;
        const found = ratio(over(rgba(style.color), ground), ground);
        if (found < worst.text[0]) worst.text = [found, said];
      }
      if (!element.matches("button, select, input:not([type=radio], [type=checkbox]), textarea")) continue;
      const found = ratio(rgba(style.borderTopColor), groundOf(element.parentElement));
      if (found < worst.edge[0]) worst.edge = [found, element.id];
    }
    return worst;
  });
}

/**
 * Presses Tab from the top of a page until it has gone round, and tells each stop: its id or tag, and whether it can be
 * seen that the keyboard is there. `at` may act on a stop.
 */
export async function focusWalk(page, at = () => {}) {
  const stops = [];
  await page.evaluate(() => document.activeElement.blur());
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(async () => {
      // On its way into a frame of another process the focus is nowhere for a moment.
      for (let tries = 0; document.activeElement === document.body && tries < 50; tries++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      const { activeElement } = document;
      if (activeElement === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
      const inFrame = activeElement.tagName === "IFRAME";
      const { top, bottom } = activeElement.getBoundingClientRect();
      return {
        name: activeElement.id || activeElement.tagName.toLowerCase(),
        visible: inFrame || (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2),
        inView: inFrame || (bottom > 0 && top < innerHeight),
        named:
          inFrame || !activeElement.matches("input, select, textarea") || activeElement.labels.length > 0,
      };
    });
    if (!stop || (stops.length > 0 && stop.name === stops[0].name)) break;
    stops.push(stop);
    await at(stop);
  }
  return stops;
}
