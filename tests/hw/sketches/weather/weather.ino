// Temperature, humidity and air pressure.
#include <Arduino_HTS221.h>
#include <Arduino_LPS22HB.h>

void setup() {
  Serial.begin(115200);
  Serial.println(HTS.begin() && BARO.begin());
  Serial.println(HTS.readTemperature(), 1);
  Serial.println(HTS.readHumidity(), 1);
  Serial.println(HTS.readTemperature(FAHRENHEIT), 1);
  Serial.println(BARO.readPressure(), 1);
  Serial.println(BARO.readPressure(PSI), 2);
}

void loop() {}
